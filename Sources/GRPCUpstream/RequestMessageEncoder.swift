internal import GRPCWire
internal import NIOCore

/// Compresses the request messages of one event loop, each by itself, as gRPC has it.
///
/// One zlib state (262 KiB) and one buffer serve all calls, since a message is compressed in one go.
struct RequestMessageEncoder: ~Copyable {
  let encoding: MessageEncoding
  private var framer: MessageFramer
  private var buffer = ByteBuffer()

  init(_ encoding: MessageEncoding) {
    self.encoding = encoding
    framer = MessageFramer(encoding: encoding)
  }

  var isOn: Bool { encoding != .identity }

  /// The compressed message, without prefix; `nil` where it goes out as it is, being short or no shorter compressed.
  mutating func encode(_ message: RawSpan) -> ByteBuffer? {
    guard message.byteCount >= MessageFramer.defaultMinimumCompressedBytes else { return nil }
    if buffer.capacity > Self.maximumKeptCapacity { buffer = ByteBuffer() } else { buffer.clear() }
    do throws(MessageFault) {
      try framer.write(message, into: &buffer)
    } catch {
      return nil
    }
    guard buffer.readInteger(as: UInt8.self) == 1 else { return nil }
    buffer.moveReaderIndex(forwardBy: MemoryLayout<UInt32>.size)
    return buffer
  }

  /// 64 KiB: a larger message was an exception.
  private static let maximumKeptCapacity = 64 * 1024
}
