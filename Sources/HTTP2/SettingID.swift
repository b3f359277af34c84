/// Names a setting (RFC 9113 section 6.5.2); unknown ones are ignored.
public struct SettingID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt16

  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  public static let headerTableSize = SettingID(rawValue: 0x1)
  public static let enablePush = SettingID(rawValue: 0x2)
  public static let maxConcurrentStreams = SettingID(rawValue: 0x3)
  public static let initialWindowSize = SettingID(rawValue: 0x4)
  public static let maxFrameSize = SettingID(rawValue: 0x5)
  public static let maxHeaderListSize = SettingID(rawValue: 0x6)

  private static let names = [
    "HEADER_TABLE_SIZE", "ENABLE_PUSH", "MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE", "MAX_FRAME_SIZE",
    "MAX_HEADER_LIST_SIZE",
  ]

  public var description: String {
    let index = Int(rawValue) - 1
    return Self.names.indices.contains(index) ? Self.names[index] : "UNKNOWN_SETTING_\(rawValue)"
  }
}
