public import NIOCore

/// Asks for, or is, a sign of life with eight octets of the asker's choice (RFC 9113 section 6.7).
public struct PingFrame: Sendable, Equatable {
  static let byteCount = 8

  /// The eight octets, big endian.
  public var payload: UInt64
  public var isAcknowledgement: Bool

  public init(payload: UInt64, isAcknowledgement: Bool = false) {
    self.payload = payload
    self.isAcknowledgement = isAcknowledgement
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(
      length: Self.byteCount, type: .ping, flags: isAcknowledgement ? .acknowledgement : [], streamID: .connection
    ).write(into: &buffer)
    buffer.writeInteger(payload)
  }
}
