import GRPCWire
import Testing

struct GRPCTimeoutTests {
  @Test(
    arguments: [
      ("0n", 0), ("1n", 1), ("99999999n", 99_999_999), ("1u", 1000), ("1m", 1_000_000), ("15S", 15_000_000_000),
      ("00000015S", 15_000_000_000), ("1M", 60_000_000_000), ("1H", 3_600_000_000_000),
      ("2562047H", 9_223_369_200_000_000_000), ("2562048H", .max), ("99999999H", .max),
      ("99999999M", 5_999_999_940_000_000_000),
    ] as [(String, Int64)])
  func isRead(text: String, nanoseconds: Int64) {
    #expect(GRPCTimeout(parsing: text)?.nanoseconds == nanoseconds)
    #expect(GRPCTimeout(parsing: Substring(text))?.nanoseconds == nanoseconds)
  }

  @Test(arguments: [
    "", "S", "1", "15", "000000001S", "100000000n", "-1S", "+1S", " 1S", "1S ", "1 S", "1.5S", "1s", "1h", "1US", "1SS",
    "S1", "0x1S", "1e3S", "١S", "1S\u{0}", "1S\r\n",
  ])
  func isRefused(text: String) {
    #expect(GRPCTimeout(parsing: text) == nil)
  }

  @Test(
    arguments: [
      (-5, "0n"), (0, "0n"), (1, "1n"), (1000, "1u"), (1001, "1001n"), (1_000_000, "1m"), (1_500_000_000, "1500m"),
      (15_000_000_000, "15S"), (60_000_000_000, "1M"), (90_000_000_000, "90S"), (3_600_000_000_000, "1H"),
      (99_999_999, "99999999n"),
      // Not to be said exactly in eight digits: upward, in the finest unit that fits.
      (100_000_001, "100001u"), (99_999_999_001, "100000m"), (14_999_999_999, "15000000u"),
      (.max, "2562048H"), (.max - 1, "2562048H"),
    ] as [(Int64, String)])
  func isWritten(nanoseconds: Int64, text: String) {
    #expect(GRPCTimeout(nanoseconds: nanoseconds).headerValue == text)
  }

  @Test func whatIsWrittenIsReadAndNeverShorter() throws {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<20_000 {
      let nanoseconds = Int64.random(in: 0...(.max >> Int64.random(in: 0...62, using: &random)), using: &random)
      let text = GRPCTimeout(nanoseconds: nanoseconds).headerValue
      let read = try #require(GRPCTimeout(parsing: text)).nanoseconds
      #expect(read >= nanoseconds)
      // Units are at most 1000 apart, so that of the eight digits at least five count.
      #expect(Double(read - nanoseconds) <= Double(nanoseconds) / 99_999)
    }
  }
}

struct XServerTimeoutTests {
  @Test(
    arguments: [
      ("15", 15_000_000_000), ("0", 0), ("0.25", 250_000_000), (".5", 500_000_000), ("2.", 2_000_000_000),
      ("0.000000001", 1), ("0.0000000001", 1), ("0.0000000010", 1), ("1.0000000000", 1_000_000_000),
      ("0000000001.5", 1_500_000_000), ("0.9999999999", 1_000_000_000), ("9223372036.854775807", .max),
      ("9223372036.854775808", .max), ("99999999999999999999", .max), ("18446744073709551616", .max),
    ] as [(String, Int64)])
  func isRead(text: String, nanoseconds: Int64) {
    #expect(XServerTimeout.parse(text)?.nanoseconds == nanoseconds)
  }

  @Test(arguments: [
    "", ".", "-1", "+1", "1s", "1,5", "1.2.3", " 1", "1 ", "1e3", "0x10", "inf", "nan", "١",
    "000000000000000000000000000000001",
  ])
  func isRefused(text: String) {
    #expect(XServerTimeout.parse(text) == nil)
  }
}
