/// `google.protobuf.Timestamp` and `Duration` as ProtoJSON has them.
///
/// Both print no fraction, or three, six or nine digits of it, whichever is the shortest that is exact.
extension OutputBuffer {
  /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in seconds since 1970 (timestamp.proto).
  static let timestampRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
  /// About 10,000 years (duration.proto).
  static let durationRange: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

  /// Appends `"2023-11-23T08:26:07.125Z"`.
  ///
  /// - Returns: false, with nothing written, when the time is outside of the range or `nanos` is no fraction.
  mutating func appendTimestamp(seconds: Int64, nanos: Int32) -> Bool {
    guard Self.timestampRange.contains(seconds), nanos >= 0, nanos < 1_000_000_000 else { return false }
    let sinceYear1 = UInt64(bitPattern: seconds &- Self.timestampRange.lowerBound)
    let date = CivilDate(daysSinceYear1: sinceYear1 / 86_400)
    let second = sinceYear1 % 86_400

    let start = reserve(32)
    start[0] = UInt8(ascii: "\"")
    DecimalText.writePair(date.year / 100, at: start + 1)
    DecimalText.writePair(date.year % 100, at: start + 3)
    start[5] = UInt8(ascii: "-")
    DecimalText.writePair(date.month, at: start + 6)
    start[8] = UInt8(ascii: "-")
    DecimalText.writePair(date.day, at: start + 9)
    start[11] = UInt8(ascii: "T")
    DecimalText.writePair(second / 3600, at: start + 12)
    start[14] = UInt8(ascii: ":")
    DecimalText.writePair(second / 60 % 60, at: start + 15)
    start[17] = UInt8(ascii: ":")
    DecimalText.writePair(second % 60, at: start + 18)
    let end = Self.writeFraction(UInt64(nanos), at: start + 20)
    end[0] = UInt8(ascii: "Z")
    end[1] = UInt8(ascii: "\"")
    commit(upTo: end + 2)
    return true
  }

  /// Appends `"-1.500s"`.
  ///
  /// - Returns: false, with nothing written, when the duration is outside of the range or its two signs differ.
  mutating func appendDuration(seconds: Int64, nanos: Int32) -> Bool {
    guard Self.durationRange.contains(seconds), nanos > -1_000_000_000, nanos < 1_000_000_000,
      seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
    else { return false }
    let start = reserve(32)
    start[0] = UInt8(ascii: "\"")
    var cursor = start + 1
    if seconds < 0 || nanos < 0 {
      cursor[0] = UInt8(ascii: "-")
      cursor += 1
    }
    cursor = DecimalText.write(seconds.magnitude, at: cursor)
    cursor = Self.writeFraction(UInt64(nanos.magnitude), at: cursor)
    cursor[0] = UInt8(ascii: "s")
    cursor[1] = UInt8(ascii: "\"")
    commit(upTo: cursor + 2)
    return true
  }

  private static func writeFraction(
    _ nanos: UInt64, at start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    if nanos == 0 { return start }
    start[0] = UInt8(ascii: ".")
    if nanos % 1_000_000 == 0 {
      DecimalText.writePadded(nanos / 1_000_000, digits: 3, at: start + 1)
      return start + 4
    }
    if nanos % 1000 == 0 {
      DecimalText.writePadded(nanos / 1000, digits: 6, at: start + 1)
      return start + 7
    }
    DecimalText.writePadded(nanos, digits: 9, at: start + 1)
    return start + 10
  }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate: Equatable {
  var year: UInt64
  var month: UInt64
  var day: UInt64

  /// Counts in years that begin in March, so that the leap day comes last (Hinnant, "chrono-Compatible Low-Level Date
  /// Algorithms", `civil_from_days`); day 0 is 0001-01-01.
  init(daysSinceYear1 days: UInt64) {
    // From 0000-03-01, 306 days before 0001-01-01.
    let shifted = days + 306
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}
