import Testing

@testable import ProtobufJSON

@Suite struct EncodeNumberTests {
  private func parse(_ text: String) -> (Double, Float)? {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return nil }
      let end = start + bytes.count
      var number = DecimalNumber()
      var fault = start
      guard DecimalNumber.scan(start, end, into: &number, fault: &fault) == end else { return nil }
      return (number.double(start, end), number.float(start, end))
    }
  }

  private func expectExact(_ text: String) {
    let (double, float) = parse(text) ?? (.nan, .nan)
    #expect(double.bitPattern == Double(text)?.bitPattern, "\(text)")
    #expect(float.bitPattern == Float(text)?.bitPattern, "\(text)")
  }

  @Test(arguments: [
    "0", "-0", "1", "0.1", "0.3", "123.456", "9007199254740993", "9007199254740992.5", "1e22", "1e23", "1e-22",
    "1e-23", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e309", "1e400",
    "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072014e-308",
    "2.2250738585072011e-308", "2.2250738585072012e-308", "8.5", "16777217", "16777219", "16777216.5",
    "0.500000059604644775390625",
    "3.4028234663852886e38", "3.4028235677973366e38", "1.401298464324817e-45", "7.006492321624085e-46",
    "7.0064923216240854e-46", "1.1754943508222875e-38", "123456789012345678901234567890", "1e-65", "9e-46",
    "0.000000000000000000000000000000000000000000000000000000000000000000000000000001",
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
    "1.00000005960464477539062500000000000000000000000000000000000000000000000000000000001",
    "9007199254740993.00000000000000000000000000000000000000000000000000000000000000000000001",
    "10000000000000000000000", "100000000000000000000000000000000000000001", "0.1e1", "0e999999999999", "1e-999999999",
  ])
  func hardNumbersRoundOnce(text: String) {
    expectExact(text)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func randomBitsComeBackFromTheirText(seed: UInt64) {
    var random = DecodeRandom(seed: seed)
    for _ in 0..<4000 {
      let double = Double(bitPattern: random.next())
      if double.isFinite { expectExact("\(double)") }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if float.isFinite { expectExact("\(float)") }
    }
  }

  @Test(arguments: [4, 5, 6] as [UInt64])
  func randomDigitsRoundLikeTheStandardLibrary(seed: UInt64) {
    var random = DecodeRandom(seed: seed)
    for _ in 0..<3000 {
      let digits = (0..<Int.random(in: 1...40, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
      let fraction = digits.map(String.init).joined()
      let exponent = Int.random(in: -360...330, using: &random)
      expectExact("\(Int.random(in: 0...99, using: &random)).\(fraction)e\(exponent)")
    }
  }

  /// Midpoints between two floats or doubles, and their neighbours past 19 digits.
  @Test func midpointsAreDecidedByTheLastDigit() {
    var random = DecodeRandom(seed: 7)
    for _ in 0..<500 {
      let whole = (1 << 53) + 2 * Int.random(in: 0..<1_000_000_000, using: &random)
      for tail in ["", ".0", ".00000000000000000000000000001", ".99999999999999999999999"] {
        expectExact("\(whole + 1)\(tail)")
        expectExact("\(whole)\(tail)")
      }
    }
    let long = String(repeating: "0", count: 900)
    expectExact("9007199254740993.\(long)")
    expectExact("9007199254740993.\(long)1")
    expectExact("0.\(long)9007199254740993e900")
    expectExact("9007199254740993\(long)1e-901")
  }

  @Test func powersOfFiveAreExact() {
    #expect(PowersOfFive.table.count == 651)
    #expect(PowersOfFive.table[342] == (1 << 63, 0))
    #expect(PowersOfFive.table[343] == (0xA000_0000_0000_0000, 0))
    #expect(PowersOfFive.table[0] == (0xEEF4_53D6_923B_D65A, 0x113F_AA29_06A1_3B3F))
    #expect(PowersOfFive.table[650] == (0x8E67_9C2F_5E44_FF8F, 0x570F_09EA_A7EA_7648))
    #expect(PowersOfFive.table.allSatisfy { $0.high >> 63 == 1 })
  }
}
