public import NIOCore

/// Opens a stream, answers on it or ends it: the first fragment of a header block (RFC 9113 section 6.2).
///
///     [Pad Length (8)], [Exclusive (1), Stream Dependency (31), Weight (8)], Field Block Fragment (..), Padding (..)
public struct HeadersFrame: Sendable, Equatable {
  public var streamID: StreamID
  /// Of the header block; all of it when `endHeaders`.
  public var fragment: ByteBuffer
  public var endStream: Bool
  public var endHeaders: Bool
  /// Deprecated, read and ignored.
  public var priority: StreamPriority?

  public init(
    streamID: StreamID, fragment: ByteBuffer, endStream: Bool, endHeaders: Bool = true, priority: StreamPriority? = nil
  ) {
    self.streamID = streamID
    self.fragment = fragment
    self.endStream = endStream
    self.endHeaders = endHeaders
    self.priority = priority
  }

  init(_ header: FrameHeader, payload: inout ByteBuffer) throws(ConnectionFault) {
    try payload.removePadding(of: header)
    var priority: StreamPriority?
    if header.flags.contains(.priority) {
      priority = StreamPriority(readingFrom: &payload)
      guard priority != nil else { throw .frameSize(.headers) }
    }
    self.init(
      streamID: header.streamID, fragment: payload, endStream: header.flags.contains(.endStream),
      endHeaders: header.flags.contains(.endHeaders), priority: priority)
  }

  /// Appends the frame; the fragment has to fit the peer's MAX_FRAME_SIZE.
  ///
  /// - Parameter padding: octets of padding; nil for none and no length byte.
  public func write(into buffer: inout ByteBuffer, padding: UInt8? = nil) {
    var flags: FrameFlags = []
    var length = fragment.readableBytes
    if endStream { flags.insert(.endStream) }
    if endHeaders { flags.insert(.endHeaders) }
    if let padding {
      flags.insert(.padded)
      length += 1 + Int(padding)
    }
    if priority != nil {
      flags.insert(.priority)
      length += StreamPriority.byteCount
    }
    FrameHeader(length: length, type: .headers, flags: flags, streamID: streamID).write(into: &buffer)
    if let padding { buffer.writeInteger(padding) }
    priority?.write(into: &buffer)
    buffer.writeImmutableBuffer(fragment)
    if let padding { buffer.writeRepeatingByte(0, count: Int(padding)) }
  }
}
