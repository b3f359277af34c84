import NIOCore

/// Takes the PING frames out of the bytes that an HTTP/2 client sends.
///
/// Only frame boundaries are followed (RFC 9113, sections 3.4, 4.1 and 6.7); every other byte is passed
/// on unchanged. A PING that is not exactly as it must be, or is an acknowledgement, is passed on too:
/// to judge it is the business of the HTTP/2 handler behind.
struct PingFilter {
  /// What one read turned into.
  struct Output: Equatable {
    /// For the HTTP/2 handler; may be empty.
    var passedOn = ByteBuffer()
    /// The opaque data of the PINGs taken out, in order.
    var pings: [UInt64] = []

    fileprivate mutating func pass(_ bytes: ByteBuffer?) {
      guard let bytes, bytes.readableBytes > 0 else { return }
      if passedOn.readableBytes == 0 {
        passedOn = bytes
      } else {
        passedOn.writeImmutableBuffer(bytes)
      }
    }
  }

  private static let prefaceLength = 24
  private static let headerLength = 9
  private static let pingLength = 17

  /// Bytes until the next frame header.
  private var bytesToPass = prefaceLength
  /// The beginning of a frame that could be a PING: fewer than 17 bytes.
  private var held = ByteBuffer()

  /// - Parameter budget: how many PINGs may be taken out of these bytes; the others are passed on.
  mutating func received(_ bytes: ByteBuffer, budget: Int = .max) -> Output {
    var input = bytes
    if held.readableBytes > 0 {
      held.writeImmutableBuffer(bytes)
      input = held
      held = ByteBuffer()
    }
    var output = Output()
    // What lies between two PINGs is passed on as one slice, so a read without any is not copied.
    let whole = input
    var start = input.readerIndex
    func run() -> ByteBuffer? { whole.getSlice(at: start, length: input.readerIndex - start) }
    while true {
      let passing = min(bytesToPass, input.readableBytes)
      input.moveReaderIndex(forwardBy: passing)
      bytesToPass -= passing
      if input.readableBytes == 0 { break }

      switch frame(in: input) {
      case .incomplete:
        output.pass(run())
        held = input
        return output
      case .ping(let data) where output.pings.count < budget:
        output.pass(run())
        output.pings.append(data)
        input.moveReaderIndex(forwardBy: Self.pingLength)
        start = input.readerIndex
      case .ping:
        bytesToPass = Self.pingLength
      case .other(let length):
        bytesToPass = Self.headerLength + length
      }
    }
    output.pass(run())
    return output
  }

  private enum Frame {
    case ping(UInt64)
    case other(length: Int)
    /// More bytes must come before it can be told.
    case incomplete
  }

  ///     Length (24) | Type (8) | Flags (8) | R (1), Stream Identifier (31) | Payload
  private func frame(in input: ByteBuffer) -> Frame {
    let index = input.readerIndex
    guard let head = input.getInteger(at: index, as: UInt32.self),
      let flags = input.getInteger(at: index + 4, as: UInt8.self),
      let stream = input.getInteger(at: index + 5, as: UInt32.self)
    else { return .incomplete }
    let isPing = head == 0x0000_0806 && flags & 0x1 == 0 && stream & 0x7FFF_FFFF == 0
    guard isPing else { return .other(length: Int(head >> 8)) }
    guard let data = input.getInteger(at: index + Self.headerLength, as: UInt64.self) else { return .incomplete }
    return .ping(data)
  }
}
