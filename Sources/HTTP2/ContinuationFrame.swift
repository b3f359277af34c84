public import NIOCore

/// Carries a further fragment of a header block (RFC 9113 section 6.10).
public struct ContinuationFrame: Sendable, Equatable {
  public var streamID: StreamID
  public var fragment: ByteBuffer
  public var endHeaders: Bool

  public init(streamID: StreamID, fragment: ByteBuffer, endHeaders: Bool) {
    self.streamID = streamID
    self.fragment = fragment
    self.endHeaders = endHeaders
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(
      length: fragment.readableBytes, type: .continuation, flags: endHeaders ? .endHeaders : [], streamID: streamID
    ).write(into: &buffer)
    buffer.writeImmutableBuffer(fragment)
  }
}
