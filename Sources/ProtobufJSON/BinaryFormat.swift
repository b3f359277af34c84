/// Rounds `w * 10^q` to a binary floating-point format, correctly and with two multiplications.
///
/// The algorithm is Eisel and Lemire's ("Number Parsing at a Gigabyte per Second", 2021; the version without fallback
/// of Mushtak and Lemire, "Fast Number Parsing Without Fallback", 2023). Constants are those of `fast_float`.
struct BinaryFormat {
  /// Explicit bits of the significand.
  var mantissaBits: Int
  var minimumExponent: Int
  var infinitePower: Int
  var smallestPowerOfTen: Int
  var largestPowerOfTen: Int
  /// Between these powers a product may lie exactly between two values.
  var roundToEven: ClosedRange<Int>

  static let double = BinaryFormat(
    mantissaBits: 52, minimumExponent: -1023, infinitePower: 0x7FF, smallestPowerOfTen: -342, largestPowerOfTen: 308,
    roundToEven: -4...23)
  static let float = BinaryFormat(
    mantissaBits: 23, minimumExponent: -127, infinitePower: 0xFF, smallestPowerOfTen: -64, largestPowerOfTen: 38,
    roundToEven: -17...10)

  /// The bits of the nearest value, without a sign.
  func bits(_ w: UInt64, _ q: Int) -> UInt64 {
    if w == 0 || q < smallestPowerOfTen { return 0 }
    let infinity = UInt64(infinitePower) << UInt64(mantissaBits)
    if q > largestPowerOfTen { return infinity }
    let leadingZeros = w.leadingZeroBitCount
    let (high, low) = product(w << UInt64(leadingZeros), q)
    let upperBit = Int(high >> 63)
    let shift = upperBit + 64 - mantissaBits - 3
    var mantissa = high >> UInt64(shift)
    var power = ((217_706 * q) >> 16) + 63 + upperBit - leadingZeros - minimumExponent
    if power <= 0 {
      // Subnormal: fewer bits are left.
      if 1 - power >= 64 { return 0 }
      mantissa >>= UInt64(1 - power)
      mantissa += mantissa & 1
      mantissa >>= 1
      return mantissa
    }
    if low <= 1, roundToEven.contains(q), mantissa & 3 == 1, mantissa << UInt64(shift) == high {
      mantissa &= ~1
    }
    mantissa += mantissa & 1
    mantissa >>= 1
    if mantissa >= 2 << UInt64(mantissaBits) {
      mantissa = 1 << UInt64(mantissaBits)
      power += 1
    }
    if power >= infinitePower { return infinity }
    return mantissa & ~(1 << UInt64(mantissaBits)) | UInt64(power) << UInt64(mantissaBits)
  }

  /// The upper 128 bits of `w * 5^q`, as exact as the rounding needs.
  private func product(_ w: UInt64, _ q: Int) -> (high: UInt64, low: UInt64) {
    let power = PowersOfFive.table[q - PowersOfFive.smallest]
    var (high, low) = w.multipliedFullWidth(by: power.high)
    let mask = UInt64.max >> UInt64(mantissaBits + 3)
    if high & mask == mask {
      let second = w.multipliedFullWidth(by: power.low)
      let (sum, carried) = low.addingReportingOverflow(second.high)
      low = sum
      if carried { high += 1 }
    }
    return (high, low)
  }
}

/// The powers of five from -342 to 308, each to 128 bits with the highest bit set.
enum PowersOfFive {
  static let smallest = -342

  /// Positive powers are cut off; of negative ones those that decide midpoints (down to -27) are rounded up.
  /// Computed once from exact integers, in well under a millisecond.
  static let table: [(high: UInt64, low: UInt64)] = negative + positive

  private static var negative: [(high: UInt64, low: UInt64)] {
    // 2^1023 / 5^n, cut off: 795 bits go to 5^342, more than 128 are left.
    var words = [UInt64](repeating: 0, count: 16)
    words[15] = 1 << 63
    var powers: [(high: UInt64, low: UInt64)] = []
    for n in 1...(-smallest) {
      var remainder: UInt64 = 0
      for i in words.indices.reversed() {
        (words[i], remainder) = UInt64(5).dividingFullWidth((remainder, words[i]))
      }
      var (high, low) = highest128(words)
      if n <= 27 {
        low &+= 1
        if low == 0 { high += 1 }
      }
      powers.append((high, low))
    }
    return powers.reversed()
  }

  private static var positive: [(high: UInt64, low: UInt64)] {
    var words = [UInt64](repeating: 0, count: 12)
    words[0] = 1
    var powers = [highest128(words)]
    for _ in 1...308 {
      var carry: UInt64 = 0
      for i in words.indices {
        let (high, low) = words[i].multipliedFullWidth(by: 5)
        let (sum, carried) = low.addingReportingOverflow(carry)
        words[i] = sum
        carry = high + (carried ? 1 : 0)
      }
      powers.append(highest128(words))
    }
    return powers
  }

  /// The 128 bits from the highest set bit down, filled up with zeros.
  private static func highest128(_ words: [UInt64]) -> (high: UInt64, low: UInt64) {
    let top = words.lastIndex { $0 != 0 } ?? 0
    func word(_ i: Int) -> UInt64 { words.indices.contains(i) ? words[i] : 0 }
    let shift = UInt64(word(top).leadingZeroBitCount)
    if shift == 0 { return (word(top), word(top - 1)) }
    return (
      word(top) << shift | word(top - 1) >> (64 - shift), word(top - 1) << shift | word(top - 2) >> (64 - shift)
    )
  }
}
