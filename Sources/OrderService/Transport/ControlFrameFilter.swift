import NIOCore

/// Takes the PING and RST_STREAM frames out of the bytes that an HTTP/2 client sends.
///
/// Only frame boundaries are followed (RFC 9113, sections 3.4, 4.1, 6.4 and 6.7); every other byte is
/// passed on unchanged. A frame that is not exactly as it must be, or is an acknowledgement, is passed
/// on too: to judge it is the business of the HTTP/2 handler behind.
struct ControlFrameFilter {
  /// A frame that was taken out.
  enum Frame: Equatable {
    case ping(UInt64)
    case reset(stream: UInt32)
  }

  /// What one read turned into.
  struct Output: Equatable {
    /// For the HTTP/2 handler; may be empty.
    var passedOn = ByteBuffer()
    /// In the order in which they came. All that stood before them is in what is passed on.
    var taken: [Frame] = []

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

  /// Bytes until the next frame header.
  private var bytesToPass = prefaceLength
  /// The beginning of a frame that could be taken out: fewer than 17 bytes.
  private var held = ByteBuffer()

  /// - Parameter budget: how many frames may be taken out of these bytes; the others are passed on.
  mutating func received(_ bytes: ByteBuffer, budget: Int = .max) -> Output {
    var input = bytes
    if held.readableBytes > 0 {
      held.writeImmutableBuffer(bytes)
      input = held
      held = ByteBuffer()
    }
    var output = Output()
    // What lies between two frames is passed on as one slice, so a read without any is not copied.
    let whole = input
    var start = input.readerIndex
    func run() -> ByteBuffer? { whole.getSlice(at: start, length: input.readerIndex - start) }
    while true {
      let passing = min(bytesToPass, input.readableBytes)
      input.moveReaderIndex(forwardBy: passing)
      bytesToPass -= passing
      if input.readableBytes == 0 { break }

      switch head(of: input) {
      case .incomplete:
        output.pass(run())
        held = input
        return output
      case .toTake(let frame, let length) where output.taken.count < budget:
        output.pass(run())
        output.taken.append(frame)
        input.moveReaderIndex(forwardBy: length)
        start = input.readerIndex
      case .toTake(_, let length), .other(let length):
        bytesToPass = length
      }
    }
    output.pass(run())
    return output
  }

  private enum Head {
    /// The lengths are those of the whole frame.
    case toTake(Frame, length: Int)
    case other(length: Int)
    /// More bytes must come before it can be told.
    case incomplete
  }

  ///     Length (24) | Type (8) | Flags (8) | R (1), Stream Identifier (31) | Payload
  private func head(of input: ByteBuffer) -> Head {
    let index = input.readerIndex
    let payload = index + Self.headerLength
    guard let lengthAndType = input.getInteger(at: index, as: UInt32.self),
      let flags = input.getInteger(at: index + 4, as: UInt8.self),
      let stream = input.getInteger(at: index + 5, as: UInt32.self).map({ $0 & 0x7FFF_FFFF })
    else { return .incomplete }
    switch lengthAndType {
    case 0x0000_0806 where flags & 0x1 == 0 && stream == 0:
      guard let data = input.getInteger(at: payload, as: UInt64.self) else { return .incomplete }
      return .toTake(.ping(data), length: Self.headerLength + 8)
    case 0x0000_0403 where stream != 0:
      guard input.getInteger(at: payload, as: UInt32.self) != nil else { return .incomplete }
      return .toTake(.reset(stream: stream), length: Self.headerLength + 4)
    default:
      return .other(length: Self.headerLength + Int(lengthAndType >> 8))
    }
  }
}
