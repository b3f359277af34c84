public import NIOCore

/// Announces that a connection ends, and up to which stream anything may have been done (RFC 9113 section 6.8).
///
///     Reserved (1), Last-Stream-ID (31), Error Code (32), Additional Debug Data (..)
public struct GoAwayFrame: Sendable, Equatable {
  static let minimumByteCount = 8

  public var lastStreamID: StreamID
  public var code: ErrorCode
  public var debugData: ByteBuffer

  public init(lastStreamID: StreamID, code: ErrorCode, debugData: ByteBuffer = ByteBuffer()) {
    self.lastStreamID = lastStreamID
    self.code = code
    self.debugData = debugData
  }

  init(_ header: FrameHeader, payload: inout ByteBuffer) throws(ConnectionFault) {
    guard let (last, code) = payload.readMultipleIntegers(as: (UInt32, UInt32).self) else { throw .frameSize(.goAway) }
    self.init(lastStreamID: StreamID(last), code: ErrorCode(rawValue: code), debugData: payload)
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(length: Self.minimumByteCount + debugData.readableBytes, type: .goAway, streamID: .connection)
      .write(into: &buffer)
    buffer.writeMultipleIntegers(lastStreamID.rawValue, code.rawValue)
    buffer.writeImmutableBuffer(debugData)
  }
}
