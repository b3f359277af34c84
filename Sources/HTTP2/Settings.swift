/// Holds the settings of one side that are in force, from the protocol's defaults on (RFC 9113 section 6.5.2).
public struct Settings: Sendable, Equatable {
  /// Octets of HPACK's dynamic table the side's decoder keeps.
  public private(set) var headerTableSize = 4096
  public private(set) var isPushEnabled = true
  /// nil: no limit.
  public private(set) var maxConcurrentStreams: Int?
  public private(set) var initialWindowSize = 65_535
  public private(set) var maxFrameSize = 16_384
  /// Advisory; nil: no limit.
  public private(set) var maxHeaderListSize: Int?

  public init() {}

  /// Puts the values of one SETTINGS frame into force, in order; unknown settings are ignored.
  ///
  /// - Throws: `settingValue` for a value out of range; the connection is over then.
  public mutating func apply(_ parameters: [SettingsFrame.Parameter]) throws(ConnectionFault) {
    for parameter in parameters {
      let value = Int(parameter.value)
      switch parameter.id {
      case .headerTableSize:
        headerTableSize = value
      case .enablePush:
        guard value <= 1 else { throw .settingValue(.enablePush) }
        isPushEnabled = value == 1
      case .maxConcurrentStreams:
        maxConcurrentStreams = value
      case .initialWindowSize:
        guard value <= SendWindow.maximum else { throw .settingValue(.initialWindowSize) }
        initialWindowSize = value
      case .maxFrameSize:
        guard (16_384...0xff_ffff).contains(value) else { throw .settingValue(.maxFrameSize) }
        maxFrameSize = value
      case .maxHeaderListSize:
        maxHeaderListSize = value
      default:
        break
      }
    }
  }
}
