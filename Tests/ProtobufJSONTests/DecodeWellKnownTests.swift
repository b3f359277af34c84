import ProtobufJSON
import Testing

@Suite struct DecodeWellKnownTests {
  @Test(
    arguments: [
      (.message(1, .int(1, 1_700_000_000), .int(2, 120_000_000)), #"{"timestamp":"2023-11-14T22:13:20.120Z"}"#),
      (.message(1), #"{"timestamp":"1970-01-01T00:00:00Z"}"#),
      (.message(2, .int(1, -1), .int(2, -5)), #"{"duration":"-1.000000005s"}"#),
      (.message(3), #"{"mask":""}"#),
      (.message(3, .text(1, "foo_bar.baz"), .text(1, "x")), #"{"mask":"fooBar.baz,x"}"#),
      (.message(3, .text(1, "a.*"), .text(1, "\"ü")), #"{"mask":"a.*,\"ü"}"#),
      (.message(8, .text(5, "unknown")), #"{"empty":{}}"#), (.varint(9, 0), #"{}"#),
      (.message(10, .varint(1, 1)), #"{"boolValue":true}"#),
      (.message(11, .bytes(1, [1, 2])), #"{"bytesValue":"AQI="}"#),
      (.message(12, .double(1, .nan)), #"{"doubleValue":"NaN"}"#),
      (.message(13, .float(1, 0.5)), #"{"floatValue":0.5}"#), (.message(14, .int(1, -5)), #"{"int32Value":-5}"#),
      (.message(15, .int(1, -5)), #"{"int64Value":"-5"}"#), (.message(16, .text(1, "x")), #"{"stringValue":"x"}"#),
      (.message(17, .varint(1, 5)), #"{"uint32Value":5}"#), (.message(18, .varint(1, 5)), #"{"uint64Value":"5"}"#),
      (.message(10), #"{"boolValue":false}"#), (.message(11), #"{"bytesValue":""}"#),
      (.message(12), #"{"doubleValue":0}"#),
      (.message(15), #"{"int64Value":"0"}"#), (.message(16), #"{"stringValue":""}"#),
      (.message(16, .text(1, "x"), .text(1, "y"), .text(2, "z")), #"{"stringValue":"y"}"#),
      (.message(19) + .message(19, .int(1, 1)), #"{"timestamps":["1970-01-01T00:00:00Z","1970-01-01T00:00:01Z"]}"#),
      (.message(22, .text(1, "a")) + .message(22), #"{"strings":["a",""]}"#),
      (.message(23, .text(1, "k"), .message(2, .int(1, 3))), #"{"durations":{"k":"3s"}}"#),
    ] as [(Wire, String)])
  func haveTheirOwnForm(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "WellKnown") == expected)
  }

  @Test(
    arguments: [
      ("google.protobuf.StringValue", .text(1, "Order Added: 101"), #""Order Added: 101""#),
      ("google.protobuf.StringValue", [], #""""#), ("google.protobuf.Int64Value", .int(1, 5), #""5""#),
      ("google.protobuf.Empty", [], "{}"), ("google.protobuf.Timestamp", [], #""1970-01-01T00:00:00Z""#),
      ("google.protobuf.Value", [], "null"), ("google.protobuf.ListValue", [], "[]"),
      ("google.protobuf.Struct", [], "{}"),
      ("google.protobuf.Any", [], "{}"),
    ] as [(String, Wire, String)])
  func atTheTop(type: String, wire: Wire, expected: String) throws {
    #expect(try json(wire, as: type) == expected)
  }

  @Test func printNullValueAsNullInBothOptions() throws {
    #expect(try json(.varint(9, 0), as: "WellKnown").contains(#""nullValue":null"#))
    #expect(
      try json(.varint(5, 0), as: "Choice", DecodingOptions(emitDefaults: false, enumsAsNumbers: true))
        == #"{"nothing":null}"#)
  }

  // MARK: Struct, Value, ListValue

  static func value(_ wire: Wire) -> Wire { .message(5, wire) }

  @Test(
    arguments: [
      ([], "null"), (.varint(1, 0), "null"), (.double(2, 1.5), "1.5"), (.double(2, -3), "-3"), (.text(3, "t"), #""t""#),
      (.varint(4, 1), "true"), (.varint(4, 0), "false"), (.message(5), "{}"), (.message(6), "[]"),
      (.text(3, "t") + .varint(4, 1), "true"), (.varint(4, 1) + .text(3, "t"), #""t""#),
      (.message(6, .message(1, .varint(4, 1)), .message(1), .message(1, .message(6))), "[true,null,[]]"),
      (
        .message(
          5,
          .message(1, .text(1, "a"), .message(2, .message(5, .message(1, .text(1, "b"), .message(2, .double(2, 1))))))),
        #"{"a":{"b":1}}"#
      ),
      (.message(6, .message(1, .varint(4, 1))) + .message(6, .message(1, .varint(4, 0))), "[true,false]"),
      (.message(6, .message(1, .varint(4, 1))) + .varint(1, 0) + .message(6, .message(1, .varint(4, 0))), "[false]"),
      (
        .message(5, .message(1, .text(1, "a"), .message(2, .varint(4, 1))))
          + .message(5, .message(1, .text(1, "b"), .message(2)), .message(1, .text(1, "a"), .message(2, .text(3, "x")))),
        #"{"b":null,"a":"x"}"#
      ),
    ] as [(Wire, String)])
  func valuesOfAnyKind(wire: Wire, expected: String) throws {
    #expect(try sparse(.message(5, wire), as: "WellKnown") == "{\"value\":\(expected)}")
    #expect(try json(wire, as: "google.protobuf.Value") == expected)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func valuesMustBeFinite(number: Double) throws {
    let fault = try fault(.message(5, .double(2, number)), as: "WellKnown")
    #expect(fault == WireFault(code: .valueNotFinite, offset: 2, fieldPath: "value"))
  }

  // MARK: Any

  static func any(_ type: String, _ value: Wire) -> Wire {
    .message(7, .text(1, "type.googleapis.com/" + type), .bytes(2, value.bytes))
  }

  @Test(
    arguments: [
      (.message(7), #"{"any":{}}"#),
      (
        any("decode.values.Node", .text(1, "n")),
        #"{"any":{"@type":"type.googleapis.com/decode.values.Node","name":"n"}}"#
      ),
      (any("decode.values.Node", []), #"{"any":{"@type":"type.googleapis.com/decode.values.Node"}}"#),
      (
        any("google.protobuf.Duration", .int(1, 3)),
        #"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"3s"}}"#
      ),
      (
        any("google.protobuf.Int32Value", .int(1, 3)),
        #"{"any":{"@type":"type.googleapis.com/google.protobuf.Int32Value","value":3}}"#
      ),
      (
        any("google.protobuf.Struct", []),
        #"{"any":{"@type":"type.googleapis.com/google.protobuf.Struct","value":{}}}"#
      ),
      (any("google.protobuf.Empty", []), #"{"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}}"#),
      (
        any("google.protobuf.Any", .text(1, "x/google.protobuf.BoolValue") + .bytes(2, [8, 1])),
        """
        {"any":{"@type":"type.googleapis.com/google.protobuf.Any",\
        "value":{"@type":"x/google.protobuf.BoolValue","value":true}}}
        """
      ),
      (
        .message(7, .bytes(2, [10, 1, 0x62]), .text(1, "old/gone"), .text(1, "/decode.values.Node")),
        #"{"any":{"@type":"/decode.values.Node","name":"b"}}"#
      ),
      // Fields out of order and twice, within an Any.
      (
        any("decode.values.Node", .int(4, 1) + .text(1, "a") + .text(1, "b")),
        #"{"any":{"@type":"type.googleapis.com/decode.values.Node","name":"b","weight":"1"}}"#
      ),
    ] as [(Wire, String)])
  func anysHoldTypesOfTheSchema(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "WellKnown") == expected)
  }

  @Test func anAnyOfAnUnknownTypeIsAFaultOrIsShown() throws {
    let wire = Self.any("no.such.Type", [0xFF])
    #expect(try fault(wire, as: "WellKnown")?.code == .unknownAnyType)
    #expect(try fault(wire, as: "WellKnown")?.fieldPath == "any")
    #expect(
      try json(wire, as: "WellKnown", DecodingOptions(emitDefaults: false, showsUnknownTypes: true))
        == #"{"any":{"@type":"type.googleapis.com/no.such.Type","value":"/w=="}}"#)
  }

  @Test(arguments: [.message(7, .bytes(2, [1])), .message(7, .text(1, "a/"))] as [Wire])
  func anAnyWithoutATypeIsAFault(wire: Wire) throws {
    #expect(try fault(wire, as: "WellKnown")?.code == .invalidAnyType)
  }

  @Test func anAnyIsIndented() throws {
    let options = DecodingOptions(emitDefaults: false, indent: 2)
    #expect(
      try json(.text(1, "x/decode.values.Node") + .bytes(2, [10, 1, 0x62]), as: "google.protobuf.Any", options) == """
        {
          "@type": "x/decode.values.Node",
          "name": "b"
        }
        """)
  }

  // MARK: Ranges

  @Test(
    arguments: [
      (.message(1, .int(1, 253_402_300_800)), .timestampOutOfRange), (.message(1, .int(2, -1)), .timestampOutOfRange),
      (.message(2, .int(1, .max)), .durationOutOfRange), (.message(2, .int(1, 1), .int(2, -1)), .durationOutOfRange),
      (.message(3, .text(1, "fooBar")), .fieldMaskPath), (.message(3, .text(1, "foo__bar")), .fieldMaskPath),
      (.message(3, .text(1, "foo_3_bar")), .fieldMaskPath), (.message(3, .text(1, "foo_")), .fieldMaskPath),
      (.message(3, .text(1, "a,b")), .fieldMaskPath), (.message(3, .bytes(1, [0xFF])), .invalidUTF8),
    ] as [(Wire, WireFault.Code)])
  func whatHasNoJSONFormIsAFault(wire: Wire, code: WireFault.Code) throws {
    #expect(try fault(wire, as: "WellKnown")?.code == code)
  }
}
