extension DecimalNumber {
  /// The nearest double, ties to even; infinite when the number is too large. `start ..< end` is the number's text.
  @inline(__always)
  func double(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Double {
    // Both factors are exact, so one rounding is left, which is the right one (Clinger 1990).
    if !isTruncated, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
      let value = Double(mantissa)
      let scaled =
        exponent < 0 ? value / PowersOfTen.double[-exponent] : value * PowersOfTen.double[exponent]
      return isNegative ? -scaled : scaled
    }
    let bits: UInt64? = rounded(to: .double)
    let magnitude = bits.map { Double(bitPattern: $0) } ?? Self.slowDouble(start, end).magnitude
    return isNegative ? -magnitude : magnitude
  }

  /// The nearest float, rounded once: going through a double would round twice.
  @inline(__always)
  func float(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Float {
    if !isTruncated, mantissa <= 1 << 24, exponent >= -10, exponent <= 10 {
      let value = Float(mantissa)
      let scaled =
        exponent < 0
        ? value / Float(PowersOfTen.double[-exponent]) : value * Float(PowersOfTen.double[exponent])
      return isNegative ? -scaled : scaled
    }
    let bits = rounded(to: .float)
    let magnitude =
      bits.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) } ?? Self.slowFloat(start, end).magnitude
    return isNegative ? -magnitude : magnitude
  }

  /// The bits of the nearest value without its sign, or nil when 19 digits do not decide.
  @inline(never)
  private func rounded(to format: BinaryFormat) -> UInt64? {
    let bits = format.bits(mantissa, exponent)
    if isTruncated, format.bits(mantissa &+ 1, exponent) != bits { return nil }
    return bits
  }

  @inline(never)
  private static func slowDouble(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Double {
    Double(shortened(start, end)) ?? .infinity
  }

  @inline(never)
  private static func slowFloat(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Float {
    Float(shortened(start, end)) ?? .infinity
  }

  /// The number with at most 800 digits: 768 decide every double (the longest exact midpoint has 767); a last `1`
  /// stands for all that is cut off, if any of it was not zero.
  private static func shortened(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    var text: [UInt8] = []
    var exponent = 0
    var kept = 0
    var isFraction = false
    var cutsNonzero = false
    var p = start
    while p < end, p.pointee | 0x20 != UInt8(ascii: "e") {
      let byte = p.pointee
      p += 1
      if byte == UInt8(ascii: "-") { continue }
      if byte == UInt8(ascii: ".") {
        isFraction = true
      } else if kept < 800 {
        if kept > 0 || byte != 0x30 {
          text.append(byte)
          kept += 1
        }
        if isFraction { exponent -= 1 }
      } else {
        if byte != 0x30 { cutsNonzero = true }
        if !isFraction { exponent += 1 }
      }
    }
    if cutsNonzero {
      text.append(0x31)
      exponent -= 1
    }
    if text.isEmpty { return "0" }
    return String(decoding: text, as: UTF8.self) + "e\(exponent + writtenExponent(p, end))"
  }
}

/// Powers of ten that are exact doubles.
enum PowersOfTen {
  static let double: InlineArray<23, Double> = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
