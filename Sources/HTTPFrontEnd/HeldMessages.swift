import NIOCore

/// Keeps messages of the upstream while the caller does not read, as the upstream wrote them.
///
/// They stay in protobuf form because JSON may be many times larger, and are copied together because a
/// slice would keep its whole read buffer alive. What is held is bounded by the stream's HTTP/2 window:
/// nothing of it is credited before it is taken out.
struct HeldMessages {
  private var storage = ByteBuffer()

  var isEmpty: Bool { storage.readableBytes == 0 }

  mutating func append(_ message: ByteBuffer) {
    storage.writeInteger(UInt32(clamping: message.readableBytes))
    storage.writeImmutableBuffer(message)
  }

  /// The oldest message.
  mutating func popFirst() -> ByteBuffer? {
    guard let length = storage.readInteger(as: UInt32.self), let message = storage.readSlice(length: Int(length))
    else { return nil }
    if storage.readableBytes == 0 { storage = ByteBuffer() }
    return message
  }
}
