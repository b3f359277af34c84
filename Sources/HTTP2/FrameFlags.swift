/// Holds a frame's eight flag bits; which of them mean something depends on the frame's type.
public struct FrameFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// DATA, HEADERS: the sender is done with the stream.
  public static let endStream = FrameFlags(rawValue: 0x1)
  /// SETTINGS, PING: an answer. The same bit as `endStream`.
  public static let acknowledgement = FrameFlags(rawValue: 0x1)
  /// HEADERS, PUSH_PROMISE, CONTINUATION: the header block ends here.
  public static let endHeaders = FrameFlags(rawValue: 0x4)
  /// DATA, HEADERS, PUSH_PROMISE: a length byte in front, and padding behind.
  public static let padded = FrameFlags(rawValue: 0x8)
  /// HEADERS: five bytes of (deprecated) priority in front of the block.
  public static let priority = FrameFlags(rawValue: 0x20)
}
