/// Timestamps (RFC 3339) and durations as text, by the rules of ProtoJSON.
enum TimeText {
  struct Seconds: Equatable {
    var seconds: Int64
    var nanos: Int32
  }

  /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z (timestamp.proto).
  static let timestampRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
  /// 10,000 years of 365.25 days either way (duration.proto), in whole seconds; any nanos may come on top.
  static let maximumDuration: UInt64 = 315_576_000_000

  enum Outcome {
    case value(Seconds)
    case malformed
    case outOfRange
  }

  ///     date-time = YYYY-MM-DD "T" hh:mm:ss [ "." 1*9DIGIT ] ( "Z" / ( "+" / "-" ) hh:mm )
  ///
  /// Letters are upper case, and there is no second 60: protobuf's time scale smears it.
  static func timestamp(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Outcome {
    var text = Cursor(p: start, end: end)
    guard let year = text.digits(4), text.pass("-"), let month = text.digits(2), text.pass("-"),
      let day = text.digits(2), text.pass("T"), let hour = text.digits(2), text.pass(":"),
      let minute = text.digits(2), text.pass(":"), let second = text.digits(2)
    else { return .malformed }
    guard (1...12).contains(month), day >= 1, day <= daysInMonth(year, month), hour < 24, minute < 60, second < 60
    else { return .malformed }
    guard let nanos = text.fraction() else { return .malformed }
    var offset = 0
    if !text.pass("Z") {
      let sign = text.pass("+") ? 1 : text.pass("-") ? -1 : 0
      guard sign != 0, let hours = text.digits(2), text.pass(":"), let minutes = text.digits(2), hours < 24,
        minutes < 60
      else { return .malformed }
      offset = sign * (hours * 3600 + minutes * 60)
    }
    guard text.p == text.end else { return .malformed }
    if year == 0 { return .outOfRange }
    let seconds = Int64(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset)
    guard timestampRange.contains(seconds) else { return .outOfRange }
    return .value(Seconds(seconds: seconds, nanos: Int32(nanos)))
  }

  ///     duration = [ "-" ] 1*DIGIT [ "." 1*9DIGIT ] "s"
  ///
  /// Seconds and nanos have the same sign.
  static func duration(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Outcome {
    var text = Cursor(p: start, end: end)
    let isNegative = text.pass("-")
    let digits = text.p
    var seconds: UInt64 = 0
    while text.p < end, text.p.pointee &- 0x30 <= 9 {
      seconds = min(seconds * 10 + UInt64(text.p.pointee &- 0x30), maximumDuration + 1)
      text.p += 1
    }
    guard text.p > digits, let nanos = text.fraction(), text.pass("s"), text.p == end else { return .malformed }
    // The limit is one of whole seconds: the nanos may come on top (the conformance suite's DurationMaxValue).
    guard seconds <= maximumDuration else { return .outOfRange }
    let sign: Int64 = isNegative ? -1 : 1
    return .value(Seconds(seconds: sign * Int64(seconds), nanos: Int32(sign) * Int32(nanos)))
  }

  private struct Cursor {
    var p: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>

    mutating func pass(_ character: Unicode.Scalar) -> Bool {
      guard p < end, UInt32(p.pointee) == character.value else { return false }
      p += 1
      return true
    }

    mutating func digits(_ count: Int) -> Int? {
      guard end - p >= count else { return nil }
      var value = 0
      for _ in 0..<count {
        let digit = p.pointee &- 0x30
        guard digit <= 9 else { return nil }
        value = value * 10 + Int(digit)
        p += 1
      }
      return value
    }

    /// Nanoseconds: zero when there is no dot, nil when not 1 to 9 digits follow it.
    mutating func fraction() -> Int? {
      guard pass(".") else { return 0 }
      var nanos = 0
      var count = 0
      while p < end, p.pointee &- 0x30 <= 9 {
        guard count < 9 else { return nil }
        nanos = nanos * 10 + Int(p.pointee &- 0x30)
        count += 1
        p += 1
      }
      guard count > 0 else { return nil }
      while count < 9 {
        nanos *= 10
        count += 1
      }
      return nanos
    }
  }

  private static func daysInMonth(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that the leap day is
  /// the last of its year.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
