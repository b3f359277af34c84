import ProtobufJSON
import ProtobufSchema
import Testing

@Suite struct DecodeScalarTests {
  static let allDefaults = """
    {"aDouble":0,"aFloat":0,"anInt32":0,"anInt64":"0","aUint32":0,"aUint64":"0","aSint32":0,"aSint64":"0",\
    "aFixed32":0,"aFixed64":"0","aSfixed32":0,"aSfixed64":"0","aBool":false,"aString":"","someBytes":"","aColor":"RED"}
    """

  @Test func defaultsArePrintedForFieldsWithoutPresence() throws {
    #expect(try json([], as: "Scalars") == Self.allDefaults)
    #expect(try json([], as: "Optionals") == "{}")
    #expect(try json([], as: "Choice") == #"{"before":"","after":""}"#)
    #expect(try json([], as: "Node") == #"{"name":"","children":[],"weight":"0"}"#)
  }

  @Test func defaultsAreLeftOutOnRequestEvenWhenTheyAreOnTheWire() throws {
    let zeros =
      .double(1, 0) + .float(2, 0) + .int(3, 0) + .int(8, 0) + .fixed64(10, 0) + .varint(13, 0) + .text(14, "")
      + .bytes(15, []) + Wire.varint(16, 0)
    #expect(try sparse(zeros, as: "Scalars") == "{}")
    #expect(try sparse([], as: "Lists") == "{}")
    #expect(try sparse(.bytes(1, []) + .bytes(18, []), as: "Lists") == "{}")
    #expect(try sparse([], as: "Maps") == "{}")
    // Minus zero is not the default.
    #expect(try sparse(.double(1, -0.0), as: "Scalars") == #"{"aDouble":-0}"#)
  }

  @Test func presenceIsKeptEvenForDefaults() throws {
    let wire = .double(1, 0) + .int(2, 0) + .varint(4, 0) + .text(5, "") + .varint(7, 0) + Wire.message(8)
    #expect(
      try sparse(wire, as: "Optionals")
        == #"{"aDouble":0,"anInt32":0,"aBool":false,"aString":"","aColor":"RED","scalars":{}}"#)
  }

  @Test(
    arguments: [
      (.double(1, 1.5), #"{"aDouble":1.5}"#), (.double(1, .nan), #"{"aDouble":"NaN"}"#),
      (.double(1, -.infinity), #"{"aDouble":"-Infinity"}"#), (.float(2, 0.1), #"{"aFloat":0.1}"#),
      (.float(2, .infinity), #"{"aFloat":"Infinity"}"#), (.int(3, -1), #"{"anInt32":-1}"#),
      (.varint(3, 0xFFFF_FFFF), #"{"anInt32":-1}"#), (.varint(3, 0x1_0000_0005), #"{"anInt32":5}"#),
      (.int(4, .min), #"{"anInt64":"-9223372036854775808"}"#), (.varint(5, 4_294_967_295), #"{"aUint32":4294967295}"#),
      (.varint(5, 0x1_0000_0001), #"{"aUint32":1}"#), (.varint(6, .max), #"{"aUint64":"18446744073709551615"}"#),
      (.varint(7, 1), #"{"aSint32":-1}"#), (.varint(7, 4_294_967_295), #"{"aSint32":-2147483648}"#),
      (.varint(7, 4_294_967_294), #"{"aSint32":2147483647}"#),
      (.varint(8, .max), #"{"aSint64":"-9223372036854775808"}"#),
      (.varint(8, .max - 1), #"{"aSint64":"9223372036854775807"}"#), (.fixed32(9, .max), #"{"aFixed32":4294967295}"#),
      (.fixed64(10, .max), #"{"aFixed64":"18446744073709551615"}"#), (.fixed32(11, .max), #"{"aSfixed32":-1}"#),
      (.fixed64(12, 1 << 63), #"{"aSfixed64":"-9223372036854775808"}"#), (.varint(13, 1), #"{"aBool":true}"#),
      (.varint(13, 1 << 40), #"{"aBool":true}"#), (.text(14, "a\"ü"), #"{"aString":"a\"ü"}"#),
      (.bytes(15, [0xFF, 0xEE]), #"{"someBytes":"/+4="}"#), (.varint(16, 5), #"{"aColor":"BLUE"}"#),
      (.int(16, -3), #"{"aColor":"NEGATIVE"}"#), (.varint(16, 77), #"{"aColor":77}"#),
      (.int(16, -77), #"{"aColor":-77}"#),
      ([0x18, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], #"{"anInt32":1}"#),
      ([0x98, 0x80, 0x00, 0x07], #"{"anInt32":7}"#),
    ] as [(Wire, String)])
  func valuesAreCanonical(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "Scalars") == expected)
  }

  @Test func theLastScalarWins() throws {
    #expect(try sparse(.int(3, 1) + .int(3, 2) + .int(3, 3), as: "Scalars") == #"{"anInt32":3}"#)
    #expect(try sparse(.int(3, 1) + .text(14, "x") + .int(3, 0), as: "Scalars") == #"{"aString":"x"}"#)
  }

  @Test func unknownFieldsAreSkipped() throws {
    let unknown: Wire =
      .varint(100, 5) + .fixed64(101, 1) + .fixed32(102, 1) + .text(536_870_911, "x")
      + .group(103, .int(1, 1), .group(2, .text(7, "deep")), .fixed32(9, 9))
    #expect(try sparse(unknown + .int(3, 1) + unknown, as: "Scalars") == #"{"anInt32":1}"#)
    #expect(try sparse(.int(4, 2) + unknown + .int(3, 1) + unknown, as: "Scalars") == #"{"anInt32":1,"anInt64":"2"}"#)
  }

  @Test func protoNamesAndEnumNumbersOnRequest() throws {
    let wire = .int(3, 1) + Wire.varint(16, 5)
    let options = DecodingOptions(emitDefaults: false, protoFieldNames: true, enumsAsNumbers: true)
    #expect(try json(wire, as: "Scalars", options) == #"{"an_int32":1,"a_color":5}"#)
  }

  @Test func jsonNamesAreEscaped() throws {
    #expect(try sparse(.text(5, "x"), as: "Shuffled") == #"{"quite \"other\"":"x"}"#)
    #expect(
      try json(.text(5, "x"), as: "Shuffled", DecodingOptions(emitDefaults: false, protoFieldNames: true))
        == #"{"custom":"x"}"#)
  }

  @Test func indentation() throws {
    let wire = .text(1, "a") + .message(3, .text(1, "b")) + Wire.message(3)
    let options = DecodingOptions(emitDefaults: false, indent: 2)
    #expect(
      try json(wire, as: "Node", options) == """
        {
          "name": "a",
          "children": [
            {
              "name": "b"
            },
            {}
          ]
        }
        """)
    #expect(
      try json([], as: "Maps", DecodingOptions(indent: 1)).hasPrefix("{\n \"byInt32\": {},\n \"byInt64\": {},\n"))
    #expect(
      try json(.message(1, .int(1, 5), .text(2, "five")), as: "Maps", options) == """
        {
          "byInt32": {
            "5": "five"
          }
        }
        """)
  }

  @Test func outputIsAppendedAndUntouchedByAFault() throws {
    let schema = try #require(decodeSchema)
    let type = try #require(schema.message(named: "decode.values.Node"))
    let decoder = MessageDecoder(schema: schema, options: DecodingOptions(emitDefaults: false))
    var output = OutputBuffer()
    output.append(contentsOf: "before " as StaticString)
    try decoder.decode(Wire.text(1, "x").bytes.span.bytes, as: type, into: &output)
    #expect(throws: WireFault.self) {
      try decoder.decode(([0x0A, 0x01, 0x61, 0x0A, 0x05, 0x61] as [UInt8]).span.bytes, as: type, into: &output)
    }
    #expect(String(decoding: output.array, as: UTF8.self) == #"before {"name":"x"}"#)
  }
}
