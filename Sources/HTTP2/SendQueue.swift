internal import NIOCore

/// Holds the bytes of one stream that its windows, the connection's, or the socket do not let out yet.
struct SendQueue {
  private(set) var bytes = ByteBuffer()
  /// The last byte carries END_STREAM.
  var endsStream = false
  /// The stream stands in the connection's list of those that wait.
  var isListed = false
  /// The sender has been told to pause.
  var isFull = false

  var isEmpty: Bool { bytes.readableBytes == 0 && !endsStream }

  mutating func append(_ more: RawSpan) {
    if bytes.readableBytes == 0 { bytes.clear() }
    bytes.writeBytes(more)
  }

  /// Takes up to `count` bytes from the front.
  mutating func take(_ count: Int) -> ByteBuffer {
    bytes.readSlice(length: min(count, bytes.readableBytes)) ?? ByteBuffer()
  }

  mutating func discardTaken() {
    if bytes.readableBytes == 0 { bytes = ByteBuffer() }
  }
}
