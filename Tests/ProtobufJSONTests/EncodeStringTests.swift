import ProtobufJSON
import ProtobufSchema
import Testing

@Suite struct EncodeStringTests {
  private func encoded(_ content: String) throws -> [UInt8] { try wire("{\"aString\":\"\(content)\"}", as: "Scalars") }
  private func encoded(_ content: [UInt8]) throws -> [UInt8] {
    try wire(Array("{\"aString\":\"".utf8) + content + Array("\"}".utf8), as: "Scalars")
  }

  @Test(arguments: [
    (#"\""#, "\""), (#"\\"#, "\\"), (#"\/"#, "/"), (#"\b\f\n\r\t"#, "\u{8}\u{c}\n\r\t"), (#"\u0041"#, "A"),
    (#"\u00e9\u00E9"#, "éé"), (#"\u20AC"#, "€"), (#"\uD83D\uDE00"#, "😀"), (#"\ud800\udc00"#, "\u{10000}"),
    (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\u0000"#, "\0"), (#"a\u0022b"#, "a\"b"),
    (#"\uFFFF\uFFFE"#, "\u{FFFF}\u{FFFE}"),
    ("\u{7f}", "\u{7f}"), ("项目目录", "项目目录"), ("a😀b€cüd", "a😀b€cüd"), (#"\\u0041"#, #"\u0041"#),
  ])
  func escapesAndCharactersAreRead(text: String, value: String) throws {
    #expect(try encoded(text) == Wire.text(14, value).bytes)
  }

  @Test(arguments: 0..<300)
  func everyLengthIsWritten(count: Int) throws {
    let plain = String((0..<count).map { "abcdefghij".utf8.map { Character(Unicode.Scalar($0)) }[$0 % 10] })
    #expect(try encoded(plain) == (count == 0 ? [] : Wire.text(14, plain).bytes))
    // A special at every place of a word, after a run of any length.
    #expect(try encoded(plain + #"\n"#) == Wire.text(14, plain + "\n").bytes)
    #expect(try encoded(plain + "é" + plain) == Wire.text(14, plain + "é" + plain).bytes)
    let fault = try encodeFault("{\"aString\":\"\(plain)", as: "Scalars")
    #expect(fault?.code == .unexpectedEnd)
    #expect(fault?.offset == 12 + count)
  }

  @Test(arguments: [16_383, 16_384, 100_000, 2_097_151, 2_097_152])
  func longStringsAreWritten(count: Int) throws {
    let text = String(repeating: "x", count: count)
    #expect(try encoded(text) == Wire.text(14, text).bytes)
    #expect(try encoded(text + "é") == Wire.text(14, text + "é").bytes)
  }

  @Test(arguments: [
    #"\uD800"#, #"\uDC00"#, #"\uD800\uD800"#, #"\uD800x"#, #"\uD800\n"#, #"\uDBFF"#, #"x\uDFFFx"#, #"\uD800\u0041"#,
  ])
  func loneSurrogatesAreRefused(content: String) throws {
    let fault = try encodeFault("{\"aString\":\"\(content)\"}", as: "Scalars")
    #expect(fault?.code == .loneSurrogate)
    #expect(fault?.fieldPath == "aString")
  }

  @Test(arguments: [#"\x"#, #"\u"#, #"\u12"#, #"\u12G4"#, #"\U0041"#, #"\a"#, #"\'"#, "\\\u{e9}", "\\\n", #"\u+123"#])
  func otherEscapesAreRefused(content: String) throws {
    #expect(try encodeFault("{\"aString\":\"\(content)\"}", as: "Scalars")?.code == .invalidEscape)
  }

  @Test(arguments: UInt8(0)..<32)
  func controlCharactersMustBeEscaped(byte: UInt8) throws {
    for before in [0, 3, 8, 140] {
      let json =
        Array("{\"aString\":\"".utf8) + [UInt8](repeating: 0x61, count: before) + [byte] + Array("aaaaaaaaa\"}".utf8)
      let fault = try encodeFault(json, as: "Scalars")
      #expect(fault?.code == .controlCharacter)
      #expect(fault?.offset == 12 + before)
    }
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x41], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF],
      [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
      [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func otherThanUTF8IsRefused(bytes: [UInt8]) throws {
    for (before, after) in [(0, 0), (5, 20), (16, 3), (130, 30)] {
      let json =
        Array("{\"aString\":\"".utf8) + [UInt8](repeating: 0x61, count: before) + bytes
        + [UInt8](repeating: 0x62, count: after) + Array("\"}".utf8)
      let fault = try encodeFault(json, as: "Scalars")
      #expect(fault?.code == .invalidUTF8)
      #expect(fault?.offset == 12 + before)
      #expect(fault?.column == 13 + before)
    }
    let key = try encodeFault(Array("{\"".utf8) + bytes + Array("\":1}".utf8), as: "Scalars")
    #expect(key?.code == .invalidUTF8)
  }

  /// Every two-byte, and the edges of every three- and four-byte sequence, against the standard library.
  @Test func utf8IsJudgedAsTheStandardLibraryDoes() throws {
    let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF].map { $0 < 0x20 ? 0x61 : $0 }
    for first in UInt8(0x80)...0xFF {
      for second in edges {
        for third in edges {
          let bytes = [first, second, third, 0x80, 0x61]
          let isValid = String(validating: bytes, as: UTF8.self) != nil
          #expect(((try? encoded(bytes)) != nil) == isValid, "\(bytes)")
          let three = [first, second, third, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61]
          let isValidThree = String(validating: three, as: UTF8.self) != nil
          #expect(((try? encoded(three)) != nil) == isValidThree, "\(three)")
        }
      }
    }
  }
}
