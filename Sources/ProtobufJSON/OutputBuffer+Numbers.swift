/// Decimal text of numbers, written in place.
///
/// Integers take two digits at a time from a table. Floating point is the shortest text that reads back as the same
/// value, in JSON's grammar: without the `.0` of whole numbers, exponents as `1e+21`.
extension OutputBuffer {
  @inline(__always)
  mutating func appendDecimal(_ value: UInt64) {
    commit(upTo: DecimalText.write(value, at: reserve(20)))
  }

  @inline(__always)
  mutating func appendDecimal(_ value: Int64) {
    commit(upTo: DecimalText.write(value, at: reserve(20)))
  }

  /// An integer in quotes, as ProtoJSON has 64-bit integers: many readers would round them as numbers.
  @inline(__always)
  mutating func appendQuotedDecimal(_ value: UInt64) {
    let start = reserve(22)
    start.pointee = UInt8(ascii: "\"")
    let end = DecimalText.write(value, at: start + 1)
    end.pointee = UInt8(ascii: "\"")
    commit(upTo: end + 1)
  }

  @inline(__always)
  mutating func appendQuotedDecimal(_ value: Int64) {
    let start = reserve(22)
    start.pointee = UInt8(ascii: "\"")
    let end = DecimalText.write(value, at: start + 1)
    end.pointee = UInt8(ascii: "\"")
    commit(upTo: end + 1)
  }

  /// NaN and the infinities, for which JSON has no number, become ProtoJSON's strings.
  @inline(__always)
  mutating func appendNumber(_ value: Double) {
    let start = reserve(32)
    if let end = ShortDecimalText.write(value, at: start) { return commit(upTo: end) }
    appendLongNumber(value)
  }

  @inline(__always)
  mutating func appendNumber(_ value: Float) {
    let start = reserve(32)
    if let end = ShortDecimalText.write(value, at: start) { return commit(upTo: end) }
    appendLongNumber(value)
  }

  @inline(never)
  private mutating func appendLongNumber<Value: BinaryFloatingPoint & CustomStringConvertible>(_ value: Value) {
    if value.isNaN { return append(contentsOf: "\"NaN\"") }
    if value.isInfinite { return append(contentsOf: value < 0 ? "\"-Infinity\"" : "\"Infinity\"") }
    let mark = count
    append(contentsOf: value.description)
    if count - mark > 2, pointer(at: count - 2)[0] == UInt8(ascii: "."), pointer(at: count - 1)[0] == UInt8(ascii: "0")
    {
      truncate(to: count - 2)
    }
  }
}

enum DecimalText {
  /// "00", "01", … "99".
  @inline(__always)
  private static var pairs: UnsafePointer<UInt8> {
    let table: StaticString = """
      0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
      5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
      """
    return table.utf8Start
  }

  /// Writes up to 20 bytes and answers the end of what was written.
  @inline(__always)
  static func write(_ value: Int64, at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    guard value < 0 else { return write(UInt64(bitPattern: value), at: start) }
    start.pointee = UInt8(ascii: "-")
    return write(value.magnitude, at: start + 1)
  }

  @inline(__always)
  static func write(_ value: UInt64, at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    if value < 10 {
      start.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)
      return start + 1
    }
    if value < 100 {
      writePair(value, at: start)
      return start + 2
    }
    return writeLong(value, at: start)
  }

  /// Exactly two digits of a value below 100.
  @inline(__always)
  static func writePair(_ value: UInt64, at start: UnsafeMutablePointer<UInt8>) {
    let pair = pairs + Int(truncatingIfNeeded: value &* 2)
    start[0] = pair[0]
    start[1] = pair[1]
  }

  private static func writeLong(_ value: UInt64, at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    let end = start + digitCount(value)
    var cursor = end
    var rest = value
    while rest >= 100 {
      let quotient = rest / 100
      cursor -= 2
      writePair(rest &- quotient &* 100, at: cursor)
      rest = quotient
    }
    if rest >= 10 {
      writePair(rest, at: cursor - 2)
    } else {
      (cursor - 1).pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)
    }
    return end
  }

  @inline(__always)
  private static func digitCount(_ value: UInt64) -> Int {
    var digits = 1
    var rest = value
    while rest >= 10_000 {
      rest /= 10_000
      digits &+= 4
    }
    if rest >= 1000 { return digits &+ 3 }
    if rest >= 100 { return digits &+ 2 }
    return rest >= 10 ? digits &+ 1 : digits
  }

  /// Exactly `digits` digits with leading zeros; the value must have no more.
  @inline(__always)
  static func writePadded(_ value: UInt64, digits: Int, at start: UnsafeMutablePointer<UInt8>) {
    var rest = value
    var index = digits
    while index > 0 {
      index &-= 1
      let quotient = rest / 10
      start[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest &- quotient &* 10)
      rest = quotient
    }
  }
}

/// Writes the numbers that people use, such as `2300` and `19.99`, without a general shortest-digits algorithm.
///
/// For the smallest k with `value == m / 10^k`, where m has at most 15 digits (6 for `Float`) and both m and 10^k are
/// exact, the quotient is rounded once, so the text `m / 10^k` reads back as the value. Different decimals of so few
/// digits never read back as the same value (DBL_DIG, FLT_DIG), so no shorter text exists.
enum ShortDecimalText {
  /// Answers `nil` for values that need more digits, and for NaN and the infinities.
  @inline(__always)
  static func write(_ value: Double, at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>? {
    let magnitude = value.magnitude
    // Also false for NaN. Below 1e-5 the general way writes an exponent.
    guard magnitude < 1e15, magnitude >= 1e-4 || magnitude == 0 else { return nil }
    var scale = 1.0
    var places = 0
    while places <= 6 {
      let scaled = (magnitude * scale).rounded(.toNearestOrEven)
      guard scaled < 1e15 else { return nil }
      if scaled / scale == magnitude {
        return write(UInt64(scaled), scale: UInt64(scale), places: places, negative: value.sign == .minus, at: start)
      }
      scale *= 10
      places &+= 1
    }
    return nil
  }

  @inline(__always)
  static func write(_ value: Float, at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>? {
    let magnitude = value.magnitude
    guard magnitude < 1e6, magnitude >= 1e-4 || magnitude == 0 else { return nil }
    var scale: Float = 1
    var places = 0
    while places <= 6 {
      let scaled = (magnitude * scale).rounded(.toNearestOrEven)
      guard scaled < 1e6 else { return nil }
      if scaled / scale == magnitude {
        return write(UInt64(scaled), scale: UInt64(scale), places: places, negative: value.sign == .minus, at: start)
      }
      scale *= 10
      places &+= 1
    }
    return nil
  }

  @inline(__always)
  private static func write(
    _ digits: UInt64, scale: UInt64, places: Int, negative: Bool, at start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var cursor = start
    if negative {
      cursor.pointee = UInt8(ascii: "-")
      cursor += 1
    }
    guard places > 0 else { return DecimalText.write(digits, at: cursor) }
    let whole = digits / scale
    cursor = DecimalText.write(whole, at: cursor)
    cursor.pointee = UInt8(ascii: ".")
    DecimalText.writePadded(digits &- whole &* scale, digits: places, at: cursor + 1)
    return cursor + 1 + places
  }
}
