internal import NIOCore

extension ByteBuffer {
  /// Takes the length byte and the padding off a padded frame's payload.
  ///
  /// The padding's octets are not looked at: a receiver need not check that they are zero (RFC 9113 section 6.1).
  mutating func removePadding(of header: FrameHeader) throws(ConnectionFault) {
    guard header.flags.contains(.padded) else { return }
    guard let padding = readInteger(as: UInt8.self) else { throw .frameSize(header.type) }
    guard let rest = readSlice(length: readableBytes - Int(padding)) else { throw .padding(header.type) }
    self = rest
  }
}
