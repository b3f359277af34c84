public import NIOCore

/// Finds the messages in one direction of a call for somebody who only watches (framing: see `MessageDeframer`).
///
/// A message that is longer than what may be kept is passed by and reported by its length, and the next one is found
/// behind it. After a compressed flag that is neither 0 nor 1 the rest of the stream is no gRPC, and nothing more is
/// found. Nothing is inflated here: that is for whoever shows a message.
public struct MessageObserver: Sendable {
  public struct Observed: Sendable, Equatable {
    /// As the prefix has it, before inflating.
    public var length: Int
    public var isCompressed: Bool
    /// nil when it was not kept.
    public var bytes: ByteBuffer?

    public init(length: Int, isCompressed: Bool, bytes: ByteBuffer?) {
      self.length = length
      self.isCompressed = isCompressed
      self.bytes = bytes
    }
  }

  private enum State: Sendable {
    /// Inside the prefix: the octets that are there.
    case prefix([UInt8])
    /// Inside a message; octets still to come.
    case message(Observed, left: Int)
    /// Not gRPC.
    case lost
  }

  private var state = State.prefix([])

  public init() {}

  /// The stream has had a prefix that is none.
  public var isLost: Bool {
    if case .lost = state { true } else { false }
  }

  /// What an incomplete message will take that is kept, octets: its whole length, so that promises are counted too.
  public var reservedBytes: Int {
    if case .message(let message, _) = state, message.bytes != nil { message.length } else { 0 }
  }

  /// Whether the stream would end inside a message if it ended now.
  public var isInsideMessage: Bool {
    switch state {
    case .prefix(let octets): !octets.isEmpty
    case .message: true
    case .lost: false
    }
  }

  /// Takes the next message from the front of `payload`, after what earlier payloads left.
  ///
  /// - Parameter room: the longest message that is kept, octets; it is judged on the prefix.
  /// - Returns: nil when `payload` is used up.
  public mutating func next(from payload: inout ByteBuffer, keepingUpTo room: Int) -> Observed? {
    while true {
      switch state {
      case .lost:
        payload.moveReaderIndex(to: payload.writerIndex)
        return nil
      case .prefix(var octets):
        octets +=
          payload.readBytes(length: min(MessageDeframer.prefixBytes - octets.count, payload.readableBytes)) ?? []
        guard octets.count == MessageDeframer.prefixBytes else {
          state = .prefix(octets)
          return nil
        }
        guard octets[0] <= 1 else {
          state = .lost
          continue
        }
        let length = octets[1...].reduce(0) { $0 << 8 | Int($1) }
        let message = Observed(
          length: length, isCompressed: octets[0] == 1, bytes: length <= room ? ByteBuffer() : nil)
        state = .message(message, left: length)
      case .message(var message, let left):
        // The state lets go of the message while it grows, so that its memory is not copied.
        state = .lost
        let piece = payload.readSlice(length: min(left, payload.readableBytes)) ?? ByteBuffer()
        message.bytes?.writeImmutableBuffer(piece)
        guard piece.readableBytes == left else {
          state = .message(message, left: left - piece.readableBytes)
          return nil
        }
        state = .prefix([])
        return message
      }
    }
  }
}
