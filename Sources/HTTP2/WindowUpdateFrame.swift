public import NIOCore

/// Opens a stream's or the connection's window further (RFC 9113 section 6.9).
public struct WindowUpdateFrame: Sendable, Equatable {
  static let byteCount = 4

  public var streamID: StreamID
  /// 1 to 2^31 - 1 octets; 0 is an error of the sender.
  public var increment: Int

  public init(streamID: StreamID, increment: Int) {
    self.streamID = streamID
    self.increment = increment
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(length: Self.byteCount, type: .windowUpdate, streamID: streamID).write(into: &buffer)
    buffer.writeInteger(UInt32(truncatingIfNeeded: increment))
  }
}
