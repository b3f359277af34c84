/// Tells what a frame is (RFC 9113 section 6); types beyond these ten are extensions and are skipped.
public struct FrameType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public static let data = FrameType(rawValue: 0x0)
  public static let headers = FrameType(rawValue: 0x1)
  public static let priority = FrameType(rawValue: 0x2)
  public static let resetStream = FrameType(rawValue: 0x3)
  public static let settings = FrameType(rawValue: 0x4)
  public static let pushPromise = FrameType(rawValue: 0x5)
  public static let ping = FrameType(rawValue: 0x6)
  public static let goAway = FrameType(rawValue: 0x7)
  public static let windowUpdate = FrameType(rawValue: 0x8)
  public static let continuation = FrameType(rawValue: 0x9)

  private static let names = [
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE",
    "CONTINUATION",
  ]

  public var description: String {
    let index = Int(rawValue)
    return Self.names.indices.contains(index) ? Self.names[index] : "UNKNOWN_\(rawValue)"
  }
}
