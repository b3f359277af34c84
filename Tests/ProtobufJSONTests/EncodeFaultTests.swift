import ProtobufJSON
import ProtobufSchema
import Testing

/// Every fault says where it stands, what stood there and what was expected.
@Suite struct EncodeFaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var json: String
    var type: String
    var message: String
    var testDescription: String { json }
    init(_ json: String, _ type: String, _ message: String) {
      self.json = json
      self.type = type
      self.message = message
    }
  }

  @Test(arguments: [
    Case(
      #"{"children":[{"name":"a"},{},{"nmae":"b"}]}"#, "Node",
      #"children[2].nmae (line 1, column 31): found "nmae", expected a field of decode.values.Node; did you mean "name"?"#
    ),
    Case(
      #"{"aColor":"BLEU"}"#, "Scalars",
      #"aColor (line 1, column 11): found "BLEU", expected a value of decode.values.Color (RED, GREEN, BLUE, NEGATIVE); did you mean "BLUE"?"#
    ),
    Case(
      "{\n  \"anInt32\": \"abc\"\n}", "Scalars",
      #"anInt32 (line 2, column 14): found "abc", expected an integer from -2147483648 to 2147483647 (int32)"#),
    Case(
      #"{"aString":"äöü€😀","aBool":"x"}"#, "Scalars", #"aBool (line 1, column 28): found "x", expected true or false"#),
    Case(
      #"{"byString":{"a b":{"weight":[]}}}"#, "Maps",
      #"byString["a b"].weight (line 1, column 30): found an array, expected an integer from -9223372036854775808 to 9223372036854775807 (int64)"#
    ),
    Case(
      #"{"anInt32":2147483648}"#, "Scalars",
      "anInt32 (line 1, column 12): found 2147483648, expected an integer from -2147483648 to 2147483647 (int32)"),
    Case("", "Scalars", "line 1, column 1: found the end of the text, expected an object (decode.values.Scalars)"),
    Case("[1]", "Scalars", "line 1, column 1: found an array, expected an object (decode.values.Scalars)"),
    Case("null", "Scalars", "line 1, column 1: found null, expected an object (decode.values.Scalars)"),
    Case("{", "Scalars", "line 1, column 2: found the end of the text, expected a key in double quotes"),
    Case(#"{"anInt32":1}x"#, "Scalars", "line 1, column 14: found x, expected the end of the text"),
    Case(#"{"anInt32":1"#, "Scalars", "anInt32 (line 1, column 13): found the end of the text, expected ',' or '}'"),
    Case(#"{"anInt32" 1}"#, "Scalars", "line 1, column 12: found 1, expected ':' after the key"),
    Case(
      #"{"anInt32":}"#, "Scalars",
      "anInt32 (line 1, column 12): found '}', expected an integer from -2147483648 to 2147483647 (int32)"),
    Case(
      #"{"anInt32":01}"#, "Scalars",
      "anInt32 (line 1, column 13): found another digit after the leading zero, expected a number without leading zeros"
    ),
    Case(
      #"{"aBool":flase}"#, "Scalars",
      "aBool (line 1, column 10): found flase, expected true, false or null, or a string in quotes"),
    Case(
      #"{"aString":"\uD800"}"#, "Scalars",
      #"aString (line 1, column 13): found \uD800, expected a surrogate escape to be half of a pair (\uD800-DBFF, then \uDC00-DFFF)"#
    ),
    Case(
      "{\"aString\":\"a\nb\"}", "Scalars",
      "aString (line 1, column 14): found U+000A as it is, expected control characters in strings to be escaped"),
    Case(
      #"{"text":"a","number":1}"#, "Choice",
      #"number (line 1, column 13): found "number" beside another, expected at most one field of the oneof "kind""#),
    Case(
      #"{"timestamp":"yesterday"}"#, "WellKnown",
      #"timestamp (line 1, column 14): found "yesterday", expected a time such as "2025-01-31T12:00:00Z", from year 0001 to 9999 (Timestamp)"#
    ),
    Case(
      #"{"anInt32":1,"an_int32":2}"#, "Scalars",
      #"an_int32 (line 1, column 14): found "an_int32" a second time, expected each key once"#),
    Case(
      #"{"any":{"@type":"x/no.Such"}}"#, "WellKnown",
      #"any.@type (line 1, column 17): found "x/no.Such", expected the name of a message type that the schema has"#),
    Case(
      #"{"nodes":[{},null]}"#, "Lists",
      "nodes[1] (line 1, column 14): found null, expected an object (decode.values.Node) in every place"),
    Case(
      #"{"byInt32":{"1":"a","x":"b"}}"#, "Maps",
      #"byInt32 (line 1, column 21): found "x", expected an integer from -2147483648 to 2147483647 (int32)"#),
  ])
  func messagesSayWhereAndWhat(item: Case) throws {
    #expect(try encodeFault(item.json, as: item.type)?.message == item.message)
  }

  @Test(
    arguments: [
      ("anInt32x", "anInt32"), ("an_int_32", "anInt32"), ("AnInt32", "anInt32"), ("aint32", "anInt32"),
      ("aUint46", "aUint64"), ("someByte", "someBytes"), ("zzz", nil), ("", nil),
    ] as [(String, String?)])
  func nearMissesAreNamed(key: String, suggestion: String?) throws {
    let fault = try encodeFault("{\"\(key)\":1}", as: "Scalars")
    #expect(fault?.code == .unknownField)
    #expect(fault?.suggestion == suggestion)
  }

  @Test func theLastByteOfAMegabyteIsPlaced() throws {
    // 24,000 lines, each with characters of one to four bytes.
    let line = "{\"name\":\"aé€😀 and a little more text\"},\n"
    let count = 24_000
    let json = "{\"children\":[\n" + String(repeating: line, count: count) + "{\"name\":\"x\"}]]"
    #expect(json.utf8.count > 1_000_000)
    let fault = try encodeFault(json, as: "Node")
    #expect(fault?.code == .syntax)
    #expect(fault?.offset == json.utf8.count - 1)
    #expect(fault?.line == count + 2)
    #expect(fault?.column == 14)
    let deep = "{\"children\":[\n" + String(repeating: line, count: count) + "{\"name\":1"
    let inner = try encodeFault(deep, as: "Node")
    #expect(inner?.fieldPath == "children[\(count)].name")
    #expect(inner?.line == count + 2)
    #expect(inner?.column == 9)
  }

  /// Cut anywhere, the text is refused at or before the cut, and never more than the text is looked at.
  @Test func everyPrefixIsRefusedWhereItEnds() throws {
    let json =
      #"{"scalars":{"aString":"x\u00e9\ud83d\ude00y","someBytes":"AQ==","aDouble":-1.5e-3,"aBool":true},"#
      + #""maps":{"byString":{"a":{"children":[{},{"name":null}]}}},"wellKnown":{"any":{"name":"n","@type":"x/decode.values.Node"}}}"#
    let bytes = Array(json.utf8)
    #expect(throws: Never.self) { try wire(bytes, as: "Everything") }
    for count in 0..<bytes.count {
      // Memory of exactly this size, so that a byte too far is noticed by a sanitizer.
      let fault = try encodeFault(Array(bytes[..<count]), as: "Everything")
      #expect(fault != nil)
      #expect((fault?.offset ?? .max) <= count)
    }
  }

  @Test func whatACallerSentIsShownShortAndClean() throws {
    let long = String(repeating: "x", count: 1000)
    let fault = try encodeFault("{\"\(long)\":1}", as: "Scalars")
    #expect((fault?.message.utf8.count ?? 0) < 300)
    let control = try encodeFault("{\"a\\u0000\":1}", as: "Scalars")
    #expect(control?.message.unicodeScalars.allSatisfy { $0.value >= 0x20 } == true)
    let escape = try encodeFault("{\"anInt32\":\"\u{1b}[31m\"}", as: "Scalars")
    #expect(escape?.message.unicodeScalars.allSatisfy { $0.value >= 0x20 } == true)
  }
}
