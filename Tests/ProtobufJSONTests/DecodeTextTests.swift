import Testing

@testable import ProtobufJSON

/// The text of single values, apart from any message.
@Suite struct DecodeTextTests {
  @Test func decimalsOfEveryLengthAndTheirNeighbours() {
    var power: UInt64 = 1
    for _ in 0..<20 {
      for value in [power &- 1, power, power &+ 1, power &* 9, power &* 9 &+ 7] {
        #expect(written { $0.appendDecimal(value) } == "\(value)")
        #expect(written { $0.appendDecimal(-Int64(value >> 1)) } == "\(-Int64(value >> 1))")
        #expect(written { $0.appendQuotedDecimal(value) } == "\"\(value)\"")
      }
      power = power &* 10
    }
    #expect(written { $0.appendDecimal(UInt64.max) } == "18446744073709551615")
    #expect(written { $0.appendDecimal(Int64.min) } == "-9223372036854775808")
    #expect(written { $0.appendQuotedDecimal(Int64.min) } == "\"-9223372036854775808\"")
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (2300, "2300"), (19.99, "19.99"), (0.1, "0.1"), (-0.25, "-0.25"),
      (0.0001, "0.0001"), (0.00001, "1e-05"), (123456.789, "123456.789"), (1e15, "1000000000000000"), (1e16, "1e+16"),
      (1.0 / 3, "0.3333333333333333"), (0.1 + 0.2, "0.30000000000000004"), (1e300, "1e+300"),
      (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"),
      (999999999999999, "999999999999999"), (9007199254740992, "9007199254740992"), (.nan, "\"NaN\""),
      (.infinity, "\"Infinity\""), (-.infinity, "\"-Infinity\""), (1.05, "1.05"), (100.10, "100.1"),
    ] as [(Double, String)])
  func doubles(value: Double, expected: String) {
    #expect(written { $0.appendNumber(value) } == expected)
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0"), (2300, "2300"), (19.99, "19.99"), (0.1, "0.1"), (1.0 / 3, "0.33333334"),
      (16777216, "16777216"), (1e10, "1e+10"), (3.4028235e38, "3.4028235e+38"), (.leastNonzeroMagnitude, "1e-45"),
      (999999, "999999"), (123456.7, "123456.7"), (.nan, "\"NaN\""), (-.infinity, "\"-Infinity\""),
    ] as [(Float, String)])
  func floats(value: Float, expected: String) {
    #expect(written { $0.appendNumber(value) } == expected)
  }

  /// No text is longer than Swift's own shortest one, and each reads back as the same value.
  @Test func numbersAreShortestAndReadBack() {
    var random = DecodeRandom(seed: 1)
    for _ in 0..<20_000 {
      let double = Double(bitPattern: random.next())
      let cents = Double(Int64.random(in: -10_000_000...10_000_000, using: &random)) / 100
      for value in [double, cents, cents / 1000] where value.isFinite {
        let text = written { $0.appendNumber(value) }
        #expect(Double(text)?.bitPattern == value.bitPattern)
        #expect(text.utf8.count <= value.description.utf8.count)
      }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      for value in [float, Float(cents)] where value.isFinite {
        let text = written { $0.appendNumber(value) }
        #expect(Float(text)?.bitPattern == value.bitPattern)
        #expect(text.utf8.count <= value.description.utf8.count)
      }
    }
  }

  @Test(arguments: [
    ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#),
    ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#), ("\0\u{1}\u{b}\u{1f}", #""\u0000\u0001\u000b\u001f""#),
    ("\u{7f}", "\"\u{7f}\""), ("\u{2028}", "\"\u{2028}\""), ("ü€😀", "\"ü€😀\""),
    ("1234567\"", #""1234567\"""#), ("12345678\"", #""12345678\"""#), ("😀\"😀\n", #""😀\"😀\n""#),
  ])
  func strings(text: String, expected: String) {
    #expect(string(Array(text.utf8)) == expected)
  }

  /// Every special byte at every place of every length up to three words.
  @Test(arguments: ["\"", "\\", "\n", "\u{1}", "ü", "€", "😀", "\u{7f}"])
  func specialCharactersAtEveryPlace(special: String) {
    let escaped = ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\u{1}": "\\u0001"][special] ?? special
    for length in 0...24 {
      for place in 0...length {
        let before = String(repeating: "a", count: place)
        let after = String(repeating: "b", count: length - place)
        #expect(string(Array("\(before)\(special)\(after)".utf8)) == "\"\(before)\(escaped)\(after)\"")
        #expect(
          string(Array("\(before)\(special)\(special)\(after)".utf8)) == "\"\(before)\(escaped)\(escaped)\(after)\"")
      }
    }
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE1],
      [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]])
  func whatIsNotUTF8IsFoundWhereItStands(sequence: [UInt8]) {
    for length in 0...17 {
      let before = [UInt8](repeating: 0x61, count: length)
      #expect(invalidByte(before + sequence) == length)
      #expect(invalidByte(before + sequence + [0x61]) == length)
      #expect(invalidByte(Array("ü\n".utf8) + before + sequence) == length + 3)
    }
  }

  @Test func theBordersOfUTF8AreAccepted() {
    for scalar in [0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x3FFFF, 0x40000, 0x10FFFF] {
      let text = UnicodeScalar(UInt32(scalar)).map { String(Character($0)) } ?? ""
      #expect(!text.isEmpty)
      #expect(string(Array(text.utf8)) == "\"\(text)\"")
    }
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func base64IsTheStandardOneWithPadding(text: String, expected: String) {
    #expect(base64(Array(text.utf8)) == "\"\(expected)\"")
  }

  @Test func base64UsesPlusAndSlash() {
    #expect(base64([0xFB, 0xEF, 0xFF]) == "\"++//\"")
  }

  @Test(
    arguments: [
      (0, 0, "1970-01-01T00:00:00Z"), (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
      (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"), (951_782_400, 0, "2000-02-29T00:00:00Z"),
      (-1, 500_000_000, "1969-12-31T23:59:59.500Z"), (1_700_000_000, 120_000, "2023-11-14T22:13:20.000120Z"),
      (1_700_000_000, 1, "2023-11-14T22:13:20.000000001Z"), (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
    ] as [(Int64, Int32, String)])
  func timestamps(seconds: Int64, nanos: Int32, expected: String) {
    var isInRange = false
    #expect(written { isInRange = $0.appendTimestamp(seconds: seconds, nanos: nanos) } == "\"\(expected)\"")
    #expect(isInRange)
  }

  @Test(
    arguments: [
      (-62_135_596_801, 0), (253_402_300_800, 0), (.max, 0), (.min, 0), (0, -1), (0, 1_000_000_000), (0, .max),
      (0, .min),
    ] as [(Int64, Int32)])
  func timestampsOutOfRange(seconds: Int64, nanos: Int32) {
    var isInRange = true
    #expect(written { isInRange = $0.appendTimestamp(seconds: seconds, nanos: nanos) } == "")
    #expect(!isInRange)
  }

  /// Day after day, as a calendar counts, through a whole cycle of 400 years and into the next.
  @Test func datesDayByDay() {
    var year: UInt64 = 1
    var month: UInt64 = 1
    var day: UInt64 = 1
    for count in UInt64(0)..<150_000 {
      let date = CivilDate(daysSinceYear1: count)
      if date.year != year || date.month != month || date.day != day {
        Issue.record("day \(count) is \(date), not \(year)-\(month)-\(day)")
        return
      }
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let length: UInt64 = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
      day += 1
      if day > length {
        day = 1
        month += 1
      }
      if month > 12 {
        month = 1
        year += 1
      }
    }
    #expect(year == 411)
    let last = CivilDate(daysSinceYear1: 3_652_058)
    #expect(last.year == 9999 && last.month == 12 && last.day == 31)
  }

  @Test(
    arguments: [
      (0, 0, "0s"), (1, 0, "1s"), (-1, 0, "-1s"), (1, 500_000_000, "1.500s"), (-1, -500_000_000, "-1.500s"),
      (0, -1, "-0.000000001s"), (0, 1_000, "0.000001s"), (315_576_000_000, 999_999_999, "315576000000.999999999s"),
      (-315_576_000_000, -999_999_999, "-315576000000.999999999s"),
    ] as [(Int64, Int32, String)])
  func durations(seconds: Int64, nanos: Int32, expected: String) {
    var isInRange = false
    #expect(written { isInRange = $0.appendDuration(seconds: seconds, nanos: nanos) } == "\"\(expected)\"")
    #expect(isInRange)
  }

  @Test(
    arguments: [
      (315_576_000_001, 0), (-315_576_000_001, 0), (.max, 0), (.min, 0), (1, -1), (-1, 1), (0, 1_000_000_000),
      (0, -1_000_000_000), (0, .min),
    ] as [(Int64, Int32)])
  func durationsOutOfRange(seconds: Int64, nanos: Int32) {
    var isInRange = true
    #expect(written { isInRange = $0.appendDuration(seconds: seconds, nanos: nanos) } == "")
    #expect(!isInRange)
  }

  private func written(_ write: (inout OutputBuffer) -> Void) -> String {
    var output = OutputBuffer(minimumCapacity: 1)
    write(&output)
    return String(decoding: output.array, as: UTF8.self)
  }

  /// From memory of exactly that size, so that reading past it is seen by the address sanitizer.
  private func string(_ text: [UInt8]) -> String {
    written { output in
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count)
      defer { copy.deallocate() }
      copy.initialize(from: text, count: text.count)
      #expect(output.appendString(copy, count: text.count) == nil)
    }
  }

  private func invalidByte(_ text: [UInt8]) -> Int? {
    var output = OutputBuffer()
    return text.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return nil }
      return output.appendString(start, count: bytes.count).map { $0 - start }
    }
  }

  private func base64(_ bytes: [UInt8]) -> String {
    written { output in
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
      defer { copy.deallocate() }
      copy.initialize(from: bytes, count: bytes.count)
      output.appendBase64(copy, count: bytes.count)
    }
  }
}

@Suite struct OutputBufferTests {
  @Test func growsAndKeepsItsContents() {
    var buffer = OutputBuffer(minimumCapacity: 1)
    var expected: [UInt8] = []
    for index in 0..<10_000 {
      buffer.append(UInt8(truncatingIfNeeded: index))
      expected.append(UInt8(truncatingIfNeeded: index))
    }
    #expect(buffer.array == expected)
    #expect(buffer.capacity >= 10_000)
  }

  @Test func appendsFromEverySource() {
    var buffer = OutputBuffer()
    buffer.append(contentsOf: "static" as StaticString)
    buffer.append(contentsOf: " dynamic" as String)
    buffer.append(contentsOf: ([0x21, 0x3F] as [UInt8]).span.bytes)
    [UInt8]().withUnsafeBytes { buffer.append(contentsOf: $0) }
    #expect(String(decoding: buffer.array, as: UTF8.self) == "static dynamic!?")
    #expect(buffer.withBytes { $0.byteCount } == 16)
  }

  @Test func truncatesAndNeverGrowsByIt() {
    var buffer = OutputBuffer()
    buffer.append(contentsOf: "abc" as StaticString)
    buffer.truncate(to: 5)
    #expect(buffer.count == 3)
    buffer.truncate(to: 1)
    #expect(buffer.array == Array("a".utf8))
  }

  @Test func keepsSmallMemoryAndGivesLargeMemoryBack() {
    var buffer = OutputBuffer(minimumCapacity: 1024)
    buffer.removeAll()
    #expect(buffer.isEmpty && buffer.capacity == 1024)
    buffer.reserve(OutputBuffer.maximumRetainedCapacity)
    let capacity = buffer.capacity
    buffer.removeAll()
    #expect(buffer.capacity == min(capacity, OutputBuffer.maximumRetainedCapacity))
    buffer.reserve(OutputBuffer.maximumRetainedCapacity + 1)
    buffer.removeAll()
    #expect(buffer.capacity == OutputBuffer.maximumRetainedCapacity)
  }

  @Test func opensAndClosesGaps() {
    var buffer = OutputBuffer(minimumCapacity: 1)
    buffer.append(contentsOf: "abef" as StaticString)
    buffer.openGap(at: 2, length: 2)
    buffer.pointer(at: 2)[0] = UInt8(ascii: "c")
    buffer.pointer(at: 2)[1] = UInt8(ascii: "d")
    #expect(buffer.array == Array("abcdef".utf8))
    buffer.closeGap(from: 1, to: 5)
    #expect(buffer.array == Array("af".utf8))
  }
}
