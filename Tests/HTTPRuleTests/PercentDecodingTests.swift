import HTTPRule
import Testing

@Suite struct PercentDecodingTests {
  @Test(arguments: [
    ("", "", "", ""),
    ("abc", "abc", "abc", "abc"),
    ("a+b", "a+b", "a+b", "a b"),
    ("%41%7a%7A", "Azz", "Azz", "Azz"),
    ("%2F%2f%2B", "//+", "%2F%2f+", "//+"),
    ("%252F", "%2F", "%2F", "%2F"),
    ("%E2%82%AC", "€", "€", "€"),
    ("é", "é", "é", "é"),
    ("%00", "\0", "\0", "\0"),
  ])
  func eachModeDecodesOnce(_ text: String, _ everything: String, _ keepingSlashes: String, _ form: String) throws {
    for (mode, expected) in [
      (PercentDecoding.everything, everything), (.keepingSlashes, keepingSlashes), (.form, form),
    ] {
      var output = Array("x".utf8)
      try mode.decode(Array(text.utf8).span.bytes, appendingTo: &output)
      #expect(String(decoding: output, as: UTF8.self) == "x" + expected)
      if mode.isIdentity(on: Array(text.utf8).span.bytes) { #expect(expected == text) }
    }
  }

  @Test(arguments: [("%", 0), ("a%", 1), ("a%4", 1), ("%4g", 0), ("%g4", 0), ("%41%", 3), ("%%41", 0), ("%+1", 0)])
  func malformedEscapesAreLocated(_ text: String, _ offset: Int) {
    for mode in [PercentDecoding.everything, .keepingSlashes, .form] {
      var output: [UInt8] = []
      #expect(throws: PercentDecodingError(offset: offset)) {
        try mode.decode(Array(text.utf8).span.bytes, appendingTo: &output)
      }
    }
  }

  @Test func everyByteSurvives() throws {
    let digits = Array("0123456789abcdef".utf8)
    for byte in UInt8.min...UInt8.max {
      let text = [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      var output: [UInt8] = []
      try PercentDecoding.everything.decode(text.span.bytes, appendingTo: &output)
      #expect(output == [byte])
    }
  }
}
