import NIOCore
import NIOWebSocket
import ProtobufJSON

/// Puts a caller's frames together to messages, and finds what RFC 6455 forbids in them.
///
/// `WebSocketFrameDecoder` splits the bytes into frames and bounds their length; here are the rules about their
/// order and content. Control frames may stand between the fragments of a message (§5.4). Memory is bounded by one
/// message: what is larger, or in more fragments than `maximumFragments`, is refused as it grows.
struct WebSocketMessageAssembler {
  enum Event: Equatable {
    /// A whole text message, valid UTF-8.
    case message(ByteBuffer)
    /// The message goes on, or a pong came that means nothing by itself.
    case none
    case ping(ByteBuffer)
    /// `nil`: the Close frame had no code.
    case close(UInt16?)
    case fault(WebSocketClose)
  }

  private let maximumBytes: Int
  private let maximumFragments: Int
  /// The message that has begun; `fragments` is 0 where none has.
  private var message = ByteBuffer()
  private var fragments = 0

  init(maximumBytes: Int, maximumFragments: Int) {
    self.maximumBytes = maximumBytes
    self.maximumFragments = maximumFragments
  }

  mutating func received(_ frame: WebSocketFrame) -> Event {
    guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
      return .fault(.protocolError("a reserved bit is set, and no extension was agreed on"))
    }
    // §5.1: a server must not take frames that are not masked.
    guard let key = frame.maskKey else { return .fault(.protocolError("frames of a client must be masked")) }
    switch frame.opcode {
    case .text where fragments > 0, .binary where fragments > 0:
      return .fault(.protocolError("a message began before the one before it ended"))
    case .text: return append(frame, key)
    case .binary: return .fault(.binaryMessage)
    case .continuation where fragments == 0: return .fault(.protocolError("nothing to be continued"))
    case .continuation: return append(frame, key)
    case .ping: return .ping(Self.payload(of: frame, key))
    case .pong: return .none
    case .connectionClose: return close(Self.payload(of: frame, key))
    case let opcode: return .fault(.protocolError("opcode \(Int(webSocketOpcode: opcode)) is reserved"))
    }
  }

  private mutating func append(_ frame: WebSocketFrame, _ key: WebSocketMaskingKey) -> Event {
    let data = frame.data
    guard data.readableBytes <= maximumBytes - message.readableBytes else {
      return .fault(.tooLarge("a message is larger than \(maximumBytes) bytes"))
    }
    fragments += 1
    guard fragments <= maximumFragments else {
      return .fault(.tooLarge("a message has more than \(maximumFragments) fragments"))
    }
    message.writeUnmasked(data, key)
    guard frame.fin else { return .none }
    let whole = message
    message = ByteBuffer()
    fragments = 0
    return UTF8Sequence.isValid(whole.readableBytesSpan) ? .message(whole) : .fault(.invalidText)
  }

  /// §5.5.1: no body at all, or a code and then UTF-8.
  private func close(_ payload: ByteBuffer) -> Event {
    var payload = payload
    guard payload.readableBytes > 0 else { return .close(nil) }
    guard let code = payload.readInteger(as: UInt16.self) else {
      return .fault(.protocolError("a Close frame with half a code"))
    }
    guard WebSocketClose.mayBeReceived(code) else {
      return .fault(.protocolError("a Close frame with a reserved code"))
    }
    guard UTF8Sequence.isValid(payload.readableBytesSpan) else { return .fault(.invalidText) }
    return .close(code)
  }

  private static func payload(of frame: WebSocketFrame, _ key: WebSocketMaskingKey) -> ByteBuffer {
    var payload = ByteBuffer()
    payload.writeUnmasked(frame.data, key)
    return payload
  }
}

extension ByteBuffer {
  /// Appends masked bytes unmasked (RFC 6455 §5.3), eight at a time.
  mutating func writeUnmasked(_ masked: ByteBuffer, _ key: WebSocketMaskingKey) {
    let count = masked.readableBytes
    guard count > 0 else { return }
    let bytes = [UInt8](key)
    var word: UInt64 = 0
    for index in (0..<8).reversed() { word = word << 8 | UInt64(bytes[index & 3]) }
    word = UInt64(littleEndian: word)
    writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
      masked.withUnsafeReadableBytes { source in
        var index = 0
        while count - index >= 8 {
          let unmasked = source.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ word
          target.storeBytes(of: unmasked, toByteOffset: index, as: UInt64.self)
          index += 8
        }
        while index < count {
          target[index] = source[index] ^ bytes[index & 3]
          index += 1
        }
      }
      return count
    }
  }

  /// Appends the head of a server's frame that is a whole message: `FIN`, the opcode and the length
  /// (RFC 6455 §5.2). Written here and not by `WebSocketFrameEncoder`, so that the frames of one tick of the event
  /// loop leave in one buffer.
  mutating func writeFrameHead(_ opcode: WebSocketOpcode, length: Int) {
    writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
    switch length {
    case ..<126: writeInteger(UInt8(truncatingIfNeeded: length))
    case ..<65_536:
      writeInteger(UInt8(126))
      writeInteger(UInt16(truncatingIfNeeded: length))
    default:
      writeInteger(UInt8(127))
      writeInteger(UInt64(length))
    }
  }
}
