public import NIOCore

/// Ends a stream at once, both ways (RFC 9113 section 6.4).
public struct ResetStreamFrame: Sendable, Equatable {
  static let byteCount = 4

  public var streamID: StreamID
  public var code: ErrorCode

  public init(streamID: StreamID, code: ErrorCode) {
    self.streamID = streamID
    self.code = code
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(length: Self.byteCount, type: .resetStream, streamID: streamID).write(into: &buffer)
    buffer.writeInteger(code.rawValue)
  }
}
