import Testing

@testable import HTTP2

struct SettingsTests {
  static let refused: [(SettingID, UInt32)] = [
    (.enablePush, 2), (.initialWindowSize, 0x8000_0000), (.maxFrameSize, 16_383), (.maxFrameSize, 0x100_0000),
  ]

  @Test(arguments: refused)
  func valuesOutOfRangeAreRefused(_ id: SettingID, _ value: UInt32) {
    var settings = Settings()
    #expect(throws: ConnectionFault.settingValue(id)) { try settings.apply([.init(id, value)]) }
  }

  @Test
  func lastValueOfAFrameCountsAndUnknownOnesAreIgnored() throws {
    var settings = Settings()
    try settings.apply([
      .init(.initialWindowSize, 1), .init(SettingID(rawValue: 99), 5), .init(.initialWindowSize, 0x7fff_ffff),
      .init(.maxConcurrentStreams, 0), .init(.headerTableSize, 0), .init(.maxHeaderListSize, 7), .init(.enablePush, 0),
      .init(.maxFrameSize, 0xff_ffff),
    ])
    #expect(settings.initialWindowSize == 0x7fff_ffff)
    #expect(settings.maxConcurrentStreams == 0)
    #expect(settings.headerTableSize == 0)
    #expect(settings.maxHeaderListSize == 7)
    #expect(settings.maxFrameSize == 0xff_ffff)
    #expect(!settings.isPushEnabled)
  }
}
