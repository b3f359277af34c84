import JSONTree
import Testing

@Suite struct JSONTreeWritingTests {
  @Test func membersKeepTheOrderInWhichTheyWereSet() {
    var tree = JSONTree.object()
    for key in ["zeta", "alpha", "midway", "Alpha"] { tree.set(key, to: 1) }
    tree.set("alpha", to: 2)
    #expect(text(tree) == #"{"zeta":1,"alpha":2,"midway":1,"Alpha":1}"#)
  }

  @Test func nestsAndConsumes() {
    var list = JSONTree.array()
    list.append(.null())
    list.append(.bool(true))
    list.append("x")
    list.append(.object())
    list.append(.array())
    var tree = JSONTree.object()
    tree.set("list", to: list)
    tree.set("tags", to: ["a", "b"])
    #expect(text(tree) == #"{"list":[null,true,"x",{},[]],"tags":["a","b"]}"#)
  }

  @Test(arguments: [
    (Int64.min, "-9223372036854775808"), (Int64.max, "9223372036854775807"), (0, "0"),
    (9_007_199_254_740_993, "9007199254740993"),
  ])
  func integersAreExact(value: Int64, expected: String) {
    #expect(text(.integer(value)) == expected)
  }

  @Test func unsignedIntegersAreExact() {
    #expect(text(.integer(UInt64.max)) == "18446744073709551615")
  }

  @Test(arguments: [
    (0.1, "0.1"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"), (-0.0, "-0.0"), (.nan, #""NaN""#),
    (.infinity, #""Infinity""#), (-.infinity, #""-Infinity""#),
  ])
  func doublesAreShortest(value: Double, expected: String) {
    #expect(text(.double(value)) == expected)
  }

  @Test(arguments: [
    ("a/b", #""a/b""#), ("\"\\", #""\"\\""#), ("\u{8}\u{c}\n\r\t", #""\b\f\n\r\t""#),
    ("\u{1}\u{1f}", #""\u0001\u001f""#),
    ("a\0b", #""a\u0000b""#), ("ü\u{2028}😀\u{7f}", "\"ü\u{2028}😀\u{7f}\""), ("", #""""#),
  ])
  func stringsAreEscaped(value: String, expected: String) throws {
    #expect(text(.string(value)) == expected)
    #expect(try JSONTree(parsing: expected).string == value)
  }

  @Test func prettyPutsOneMemberOnALine() {
    var tree = JSONTree.object()
    tree.set("a", to: ["x"])
    #expect(String(decoding: tree.serialized(pretty: true), as: UTF8.self) == "{\n  \"a\": [\n    \"x\"\n  ]\n}")
  }

  @Test func verbatimTextIsPrintedAsItStands() {
    var tree = JSONTree.object()
    tree.set("detail", to: .verbatim(Array(#"{"n": 1e2}"#.utf8)))
    #expect(text(tree) == #"{"detail":{"n": 1e2}}"#)
  }

  @Test func aNULInAKeyIsReplaced() {
    var tree = JSONTree.object()
    tree.set("a\0b", to: 1)
    #expect(tree.keys == ["a\u{FFFD}b"])
  }

  private func text(_ tree: borrowing JSONTree) -> String { String(decoding: tree.serialized(), as: UTF8.self) }
}

@Suite struct JSONTreeReadingTests {
  @Test func readsEveryKind() throws {
    let tree = try JSONTree(
      parsing: #" {"s":"t","i":-7,"u":18446744073709551615,"d":1.5,"b":true,"n":null,"a":[1,2],"o":{"k":"v"}} "#)
    #expect(tree.keys == ["s", "i", "u", "d", "b", "n", "a", "o"])
    #expect(tree.count == 8)
    #expect(tree.member("s")?.string == "t")
    #expect(tree.member("i")?.integer == -7)
    #expect(tree.member("i")?.unsignedInteger == nil)
    #expect(tree.member("u")?.integer == nil)
    #expect(tree.member("u")?.unsignedInteger == .max)
    #expect(tree.member("d")?.double == 1.5)
    #expect(tree.member("i")?.double == -7)
    #expect(tree.member("b")?.bool == true)
    #expect(tree.member("n")?.isNull == true)
    #expect(tree.member("a")?.element(at: 1)?.integer == 2)
    #expect(tree.member("a")?.element(at: 2)?.kind == nil)
    #expect(tree.member("a")?.element(at: -1)?.kind == nil)
    #expect(tree.member("o")?.member("k")?.string == "v")
    #expect(tree.member("missing")?.kind == nil)
    #expect(tree.member("s")?.member("x")?.kind == nil)
  }

  @Test func aChildOutlivesItsParent() throws {
    func child() throws -> JSONTree? { try JSONTree(parsing: #"{"a":{"b":"c"}}"#).member("a") }
    #expect(try child()?.member("b")?.string == "c")
  }

  @Test(arguments: ["0", "-0", "1.5e3", #""x""#, "true", "false", "null", "[]", "{}", "\t[1 , 2]\r\n"])
  func acceptsEveryValueAtTheTop(text: String) throws {
    _ = try JSONTree(parsing: text)
  }

  @Test(arguments: [
    ("", JSONTreeError.Code.syntax), (" ", .syntax), ("{", .syntax), ("[1,]", .syntax), ("[1", .syntax),
    ("1 2", .syntax),
    ("{'a':1}", .syntax), (#"{"a":1,}"#, .syntax), ("01", .syntax), ("-", .syntax), ("1.", .syntax), (".5", .syntax),
    ("1e", .syntax), ("+1", .syntax), ("0x10", .syntax), ("NaN", .syntax), ("Infinity", .syntax),
    ("-Infinity", .syntax),
    ("TRUE", .syntax), ("True", .syntax), ("nul", .syntax), ("/**/1", .syntax), ("1//", .syntax), ("\"a\nb\"", .syntax),
    (#""\x""#, .syntax), (#""\u12G4""#, .syntax), ("\"open", .syntax), ("[1 2]", .syntax), (#"{"a" 1}"#, .syntax),
    ("{1:2}", .syntax), ("\u{FEFF}1", .syntax), ("1\0", .syntax), ("[\u{b}1]", .syntax), ("2.e3", .syntax),
    (#""\ud800""#, .invalidText), (#""\udc00""#, .invalidText), (#""\ud800\u0041""#, .invalidText),
    ("18446744073709551616", .integerOutOfRange), ("-9223372036854775809", .integerOutOfRange),
    ("1e400", .integerOutOfRange), (#"{"a":1,"a":2}"#, .duplicateKey),
    (#"[{"b":{"a":1,"c":1,"\u0061":2}}]"#, .duplicateKey),
    (#"{"a\u0000b":1}"#, .nulInKey),
  ])
  func refuses(text: String, code: JSONTreeError.Code) {
    #expect {
      _ = try JSONTree(parsing: text)
    } throws: {
      ($0 as? JSONTreeError)?.code == code
    }
  }

  @Test(
    arguments: [
      [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xFF, 0x22], [0x22, 0xE2, 0x82, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(text: [UInt8]) {
    #expect(throws: JSONTreeError(code: .invalidText, offset: 1, message: "the text is not UTF-8")) {
      _ = try JSONTree(parsing: text)
    }
  }

  @Test(arguments: [1, 2, 100])
  func theDepthLimitIsExact(limit: Int) throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSONTree(parsing: nested(limit), maximumDepth: limit)
    #expect {
      _ = try JSONTree(parsing: nested(limit + 1), maximumDepth: limit)
    } throws: {
      ($0 as? JSONTreeError)?.code == .tooDeep
    }
  }

  @Test func everyTruncationIsRefused() {
    let text = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00ü"],"b":{"c":"d"}}"#.utf8)
    for length in text.indices {
      #expect(throws: JSONTreeError.self) { _ = try JSONTree(parsing: Array(text[..<length])) }
    }
  }
}
