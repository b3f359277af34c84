public import NIOCore

/// Reprioritizes a stream (RFC 9113 section 6.3). Deprecated: read, so that it can be shown, and ignored.
public struct PriorityFrame: Sendable, Equatable {
  public var streamID: StreamID
  public var priority: StreamPriority

  public init(streamID: StreamID, priority: StreamPriority) {
    self.streamID = streamID
    self.priority = priority
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(length: StreamPriority.byteCount, type: .priority, streamID: streamID).write(into: &buffer)
    priority.write(into: &buffer)
  }
}
