import ProtobufJSON
import ProtobufSchema
import Testing

/// One field of a message as the whole answer: `response_body`.
@Suite struct DecodeFieldTests {
  private func field(_ path: String, of type: String, _ wire: Wire) throws -> String {
    let schema = try #require(decodeSchema)
    let message = try #require(schema.message(named: "decode.values.\(type)"))
    var fields: [FieldSchema] = []
    var owner: MessageSchema? = message
    for name in path.split(separator: ".") {
      let next = try #require(owner?.field(jsonOrProtoName: String(name)))
      fields.append(next)
      owner = next.message
    }
    var output = OutputBuffer()
    try MessageDecoder(schema: schema, options: DecodingOptions(emitDefaults: false)).decodeField(
      wire.bytes.span.bytes, path: fields, of: message, into: &output)
    return String(decoding: output.array, as: UTF8.self)
  }

  @Test(
    arguments: [
      ("name", "Node", .text(1, "n") + .int(4, 5), #""n""#), ("name", "Node", .int(4, 5), #""""#),
      ("weight", "Node", .int(4, 5) + .int(4, 6), #""6""#), ("weight", "Node", [], #""0""#),
      ("children", "Node", .message(3, .text(1, "a")) + .text(1, "x") + .message(3), #"[{"name":"a"},{}]"#),
      ("children", "Node", [], "[]"),
      ("next", "Node", .message(2, .text(1, "a")) + .message(2, .int(4, 1)), #"{"name":"a","weight":"1"}"#),
      ("next", "Node", [], "null"), ("next.next.name", "Node", .message(2, .message(2, .text(1, "d"))), #""d""#),
      ("next.next.name", "Node", .message(2), "null"),
      ("by_int32", "Maps", .message(1, .int(1, 1), .text(2, "x")), #"{"1":"x"}"#),
      ("byInt32", "Maps", [], "{}"), ("int32s", "Lists", .bytes(3, [1, 2]) + .int(3, 3), "[1,2,3]"),
      ("text", "Choice", .text(2, "x"), #""x""#), ("text", "Choice", .text(2, "x") + .int(3, 1), "null"),
      ("nothing", "Choice", .varint(5, 0), "null"), ("a_color", "Scalars", [], #""RED""#),
      ("anInt32", "Optionals", [], "null"), ("anInt32", "Optionals", .int(2, 0), "0"),
      ("timestamp", "WellKnown", .message(1, .int(1, 1)), #""1970-01-01T00:00:01Z""#),
      ("some_bytes", "Scalars", .bytes(15, [1]), #""AQ==""#),
    ] as [(String, String, Wire, String)])
  func standsAlone(path: String, type: String, wire: Wire, expected: String) throws {
    #expect(try field(path, of: type, wire) == expected)
  }

  @Test func faultsNameTheWholePath() throws {
    #expect {
      _ = try field("next.children", of: "Node", .message(2, .message(3), .message(3, .bytes(1, [0xFF]))))
    } throws: {
      ($0 as? WireFault) == WireFault(code: .invalidUTF8, offset: 8, fieldPath: "next.children[1].name")
    }
  }
}
