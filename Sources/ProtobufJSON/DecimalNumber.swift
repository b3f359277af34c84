/// A number of JSON's grammar, read exactly: its first 19 significant digits and a power of ten.
///
///     number = [ "-" ] int [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "-" / "+" ] 1*DIGIT ]
///     int    = "0" / ( digit1-9 *DIGIT )                                            (RFC 8259, section 6)
struct DecimalNumber {
  /// The first 19 significant digits.
  var mantissa: UInt64 = 0
  /// The value is `mantissa * 10^exponent`, and a little more when `isTruncated`. Clamped to ±100 million.
  var exponent = 0
  var isNegative = false
  /// Digits other than zero follow the mantissa's.
  var isTruncated = false
  /// Neither fraction, exponent nor more than 19 digits: the mantissa is the magnitude.
  var isPlain = true

  private static let maximumExponent = 100_000_000

  /// Reads the longest number at `start`. Answers where it ends, or nil when there is none; `fault` is then the place
  /// at which the grammar was left.
  @inline(__always)
  static func scan(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into number: inout DecimalNumber,
    fault: inout UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var p = start
    if p < end, p.pointee == UInt8(ascii: "-") {
      number.isNegative = true
      p += 1
    }
    let digits = p
    var mantissa: UInt64 = 0
    while p < end {
      let digit = p.pointee &- 0x30
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      p += 1
    }
    let count = p - digits
    if count == 0 || digits.pointee == 0x30 && count > 1 {
      fault = count == 0 ? p : digits + 1
      return nil
    }
    let integerEnd = p
    if p == end || (p.pointee != UInt8(ascii: ".") && p.pointee | 0x20 != UInt8(ascii: "e")) {
      if count <= 19 {
        number.mantissa = mantissa
        return p
      }
    } else if p.pointee == UInt8(ascii: ".") {
      p += 1
      while p < end {
        let digit = p.pointee &- 0x30
        if digit > 9 { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        p += 1
      }
      let fraction = p - integerEnd - 1
      if fraction > 0, count + fraction <= 19, p == end || p.pointee | 0x20 != UInt8(ascii: "e") {
        number.isPlain = false
        number.mantissa = mantissa
        number.exponent = -fraction
        return p
      }
    }
    number.isPlain = false
    return scanRest(from: digits, integerEnd: integerEnd, end, into: &number, fault: &fault)
  }

  private static func scanRest(
    from digits: UnsafePointer<UInt8>, integerEnd: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>,
    into number: inout DecimalNumber, fault: inout UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var significant = 0
    var p = digits
    while p < integerEnd {
      number.append(p.pointee &- 0x30, count: &significant, isFraction: false)
      p += 1
    }
    if p < end, p.pointee == UInt8(ascii: ".") {
      p += 1
      let first = p
      while p < end, p.pointee &- 0x30 <= 9 {
        number.append(p.pointee &- 0x30, count: &significant, isFraction: true)
        p += 1
      }
      if p == first {
        fault = p
        return nil
      }
    }
    if p < end, p.pointee | 0x20 == UInt8(ascii: "e") {
      p += 1
      var isNegative = false
      if p < end, p.pointee == UInt8(ascii: "-") || p.pointee == UInt8(ascii: "+") {
        isNegative = p.pointee == UInt8(ascii: "-")
        p += 1
      }
      let first = p
      var exponent = 0
      while p < end, p.pointee &- 0x30 <= 9 {
        exponent = min(exponent * 10 + Int(p.pointee &- 0x30), maximumExponent)
        p += 1
      }
      if p == first {
        fault = p
        return nil
      }
      number.exponent += isNegative ? -exponent : exponent
    }
    return p
  }

  @inline(__always)
  private mutating func append(_ digit: UInt8, count: inout Int, isFraction: Bool) {
    if count < 19 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      if mantissa != 0 { count += 1 }
      if isFraction { exponent -= 1 }
    } else {
      if digit != 0 { isTruncated = true }
      if !isFraction { exponent += 1 }
    }
  }

  /// The exact integer a number's text stands for.
  enum Magnitude: Equatable {
    case value(UInt64)
    case notAnInteger
    case tooLarge
  }

  /// The magnitude of the number written at `start ..< end`, which `scan` has accepted: `1e3`, `1.0`, `100e-2` are
  /// integers. Works on the digits themselves, so that 20 of them are exact too.
  static func magnitude(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Magnitude {
    var p = start
    if p.pointee == UInt8(ascii: "-") { p += 1 }
    let digits = p
    while p < end, p.pointee | 0x20 != UInt8(ascii: "e") { p += 1 }
    let digitsEnd = p
    var point = digitsEnd - digits
    for i in 0..<point where digits[i] == UInt8(ascii: ".") {
      point = i
      break
    }
    point += writtenExponent(digitsEnd, end)
    var value: UInt64 = 0
    var place = 0
    p = digits
    while p < digitsEnd {
      defer { p += 1 }
      if p.pointee == UInt8(ascii: ".") { continue }
      let digit = p.pointee &- 0x30
      if place >= point {
        if digit != 0 { return .notAnInteger }
      } else if !append(digit, to: &value) {
        return .tooLarge
      }
      place += 1
    }
    while place < point, value != 0 {
      if !append(0, to: &value) { return .tooLarge }
      place += 1
    }
    return .value(value)
  }

  private static func append(_ digit: UInt8, to value: inout UInt64) -> Bool {
    let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
    let (sum, carried) = product.addingReportingOverflow(UInt64(digit))
    value = sum
    return !overflowed && !carried
  }

  static func writtenExponent(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
    guard start < end else { return 0 }
    var p = start + 1
    let isNegative = p < end && p.pointee == UInt8(ascii: "-")
    if p < end, p.pointee &- 0x30 > 9 { p += 1 }
    var exponent = 0
    while p < end {
      exponent = min(exponent * 10 + Int(p.pointee &- 0x30), maximumExponent)
      p += 1
    }
    return isNegative ? -exponent : exponent
  }
}
