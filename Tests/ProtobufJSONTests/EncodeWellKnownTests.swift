import ProtobufJSON
import ProtobufSchema
import Testing

@Suite struct EncodeWellKnownTests {
  private static func time(_ seconds: Int64, _ nanos: Int64 = 0) -> Wire {
    (seconds == 0 ? [] : Wire.int(1, seconds)) + (nanos == 0 ? [] : .int(2, nanos))
  }

  @Test(
    arguments: [
      EncodeCase("1970-01-01T00:00:00Z", time(0)), EncodeCase("2025-01-31T12:00:00Z", time(1_738_324_800)),
      EncodeCase("1972-01-01T10:00:20.021Z", time(63_108_020, 21_000_000)),
      EncodeCase("1969-12-31T23:59:59.5Z", time(-1, 500_000_000)),
      EncodeCase("0001-01-01T00:00:00Z", time(-62_135_596_800)),
      EncodeCase("9999-12-31T23:59:59.999999999Z", time(253_402_300_799, 999_999_999)),
      EncodeCase("2024-02-29T00:00:00Z", time(1_709_164_800)), EncodeCase("2000-02-29T00:00:00Z", time(951_782_400)),
      EncodeCase("1970-01-01T01:00:00+01:00", time(0)), EncodeCase("1969-12-31T16:00:00.1-08:00", time(0, 100_000_000)),
      EncodeCase("1970-01-01T00:00:00.000000001Z", time(0, 1)),
      EncodeCase("0001-01-01T23:59:00+23:59", time(-62_135_596_800)),
    ] as [EncodeCase])
  func timestampsAreRead(item: EncodeCase) throws {
    #expect(try wire("\"\(item.text)\"", as: "google.protobuf.Timestamp") == item.expected.bytes)
    #expect(try wire("{\"timestamp\":\"\(item.text)\"}", as: "WellKnown") == Wire.message(1, item.expected).bytes)
  }

  @Test(arguments: [
    ("", JSONFault.Code.invalidValue), ("2025", .invalidValue), ("2025-01-31", .invalidValue),
    ("2025-01-31T12:00:00", .invalidValue), ("2025-01-31 12:00:00Z", .invalidValue),
    ("2025-01-31t12:00:00Z", .invalidValue), ("2025-01-31T12:00:00z", .invalidValue),
    ("2025-13-01T00:00:00Z", .invalidValue), ("2025-00-01T00:00:00Z", .invalidValue),
    ("2025-02-29T00:00:00Z", .invalidValue), ("1900-02-29T00:00:00Z", .invalidValue),
    ("2025-04-31T00:00:00Z", .invalidValue), ("2025-01-00T00:00:00Z", .invalidValue),
    ("2025-01-31T24:00:00Z", .invalidValue), ("2025-01-31T12:60:00Z", .invalidValue),
    ("2025-01-31T23:59:60Z", .invalidValue), ("2025-01-31T12:00:00.Z", .invalidValue),
    ("2025-01-31T12:00:00.1234567890Z", .invalidValue), ("2025-01-31T12:00:00+1:00", .invalidValue),
    ("2025-01-31T12:00:00+0100", .invalidValue), ("2025-01-31T12:00:00+24:00", .invalidValue),
    ("2025-01-31T12:00:00Z ", .invalidValue), (" 2025-01-31T12:00:00Z", .invalidValue),
    ("-2025-01-31T12:00:00Z", .invalidValue), ("0000-01-01T00:00:00Z", .outOfRange),
    ("0001-01-01T00:00:00+00:01", .outOfRange), ("9999-12-31T23:59:59-00:01", .outOfRange),
    ("10000-01-01T00:00:00Z", .invalidValue), ("2025-1-31T12:00:00Z", .invalidValue),
  ])
  func otherTimestampsAreRefused(text: String, code: JSONFault.Code) throws {
    let fault = try encodeFault("{\"timestamp\":\"\(text)\"}", as: "WellKnown")
    #expect(fault?.code == code)
    #expect(fault?.fieldPath == "timestamp")
  }

  @Test(
    arguments: [
      EncodeCase("0s", time(0)), EncodeCase("1s", time(1)), EncodeCase("-1s", time(-1)),
      EncodeCase("1.5s", time(1, 500_000_000)),
      EncodeCase("-1.5s", time(-1, -500_000_000)), EncodeCase("-0.5s", time(0, -500_000_000)),
      EncodeCase("0.000000001s", time(0, 1)),
      EncodeCase("315576000000s", time(315_576_000_000)), EncodeCase("-315576000000s", time(-315_576_000_000)),
      EncodeCase("01s", time(1)),
      EncodeCase("315576000000.999999999s", time(315_576_000_000, 999_999_999)),
      EncodeCase("-315576000000.999999999s", time(-315_576_000_000, -999_999_999)),
      EncodeCase("315576000000.999999999s", time(315_576_000_000, 999_999_999)),
    ] as [EncodeCase])
  func durationsAreRead(item: EncodeCase) throws {
    #expect(try wire("\"\(item.text)\"", as: "google.protobuf.Duration") == item.expected.bytes)
  }

  @Test(arguments: [
    ("", JSONFault.Code.invalidValue), ("1", .invalidValue), ("s", .invalidValue), ("-s", .invalidValue),
    ("1.s", .invalidValue), (".5s", .invalidValue), ("1.1234567890s", .invalidValue), ("1 s", .invalidValue),
    ("+1s", .invalidValue), ("1e3s", .invalidValue), ("1S", .invalidValue), ("--1s", .invalidValue),
    ("315576000001s", .outOfRange), ("-315576000001s", .outOfRange),
    ("99999999999999999999999s", .outOfRange),
  ])
  func otherDurationsAreRefused(text: String, code: JSONFault.Code) throws {
    #expect(try encodeFault("\"\(text)\"", as: "google.protobuf.Duration")?.code == code)
  }

  @Test(
    arguments: [
      ("", []), ("a", ["a"]), ("fooBar,bazQux.quuxCorge", ["foo_bar", "baz_qux.quux_corge"]), ("a1B", ["a1_b"]),
    ] as [(String, [String])])
  func fieldMasksGetProtoNames(text: String, paths: [String]) throws {
    #expect(try wire("\"\(text)\"", as: "google.protobuf.FieldMask") == paths.flatMap { Wire.text(1, $0).bytes })
  }

  @Test(arguments: ["foo_bar", "a,", ",a", "a,,b", "a b", "a-b", "ä", "a\\u005fb"])
  func otherFieldMasksAreRefused(text: String) throws {
    #expect(try encodeFault("\"\(text)\"", as: "google.protobuf.FieldMask")?.code == .invalidValue)
  }

  @Test(
    arguments: [
      EncodeCase("google.protobuf.StringValue", #""Order Added: 101""#, Wire.text(1, "Order Added: 101")),
      EncodeCase("google.protobuf.StringValue", #""""#, []),
      EncodeCase("google.protobuf.BoolValue", "true", .varint(1, 1)),
      EncodeCase("google.protobuf.BytesValue", #""AQ""#, .bytes(1, [1])),
      EncodeCase("google.protobuf.DoubleValue", "1.5", .double(1, 1.5)),
      EncodeCase("google.protobuf.FloatValue", #""NaN""#, .float(1, .nan)),
      EncodeCase("google.protobuf.Int32Value", "-1", .int(1, -1)),
      EncodeCase("google.protobuf.Int64Value", #""5""#, .varint(1, 5)),
      EncodeCase("google.protobuf.UInt32Value", "5", .varint(1, 5)),
      EncodeCase("google.protobuf.UInt64Value", #""18446744073709551615""#, .varint(1, .max)),
      EncodeCase("google.protobuf.Empty", "{}", []),
    ] as [EncodeCase])
  func wrappersAreTheirBareValue(item: EncodeCase) throws {
    #expect(try wire(item.text, as: item.name) == item.expected.bytes)
  }

  @Test func wrappedDefaultsArePresent() throws {
    #expect(
      try wire(#"{"stringValue":"","int32Value":0,"boolValue":false}"#, as: "WellKnown")
        == (Wire.message(16) + .message(14) + .message(10)).bytes)
    #expect(try wire(#"{"stringValue":null,"int32Value":null}"#, as: "WellKnown") == [])
    #expect(try encodeFault(#"{"stringValue":{"value":"x"}}"#, as: "WellKnown")?.code == .wrongType)
    #expect(try encodeFault("null", as: "google.protobuf.StringValue")?.code == .wrongType)
    #expect(try encodeFault(#"{"empty":{"x":1}}"#, as: "WellKnown")?.code == .unknownField)
    #expect(try encodeFault(#"{"empty":[]}"#, as: "WellKnown")?.code == .wrongType)
  }

  private static func value(_ wire: Wire) -> Wire { .message(2, wire) }

  @Test(
    arguments: [
      EncodeCase("null", Wire.varint(1, 0)), EncodeCase("1.5", .double(2, 1.5)), EncodeCase("0", .double(2, 0)),
      EncodeCase(#""""#, .text(3, "")),
      EncodeCase(#""NaN""#, .text(3, "NaN")), EncodeCase("true", .varint(4, 1)), EncodeCase("false", .varint(4, 0)),
      EncodeCase("{}", .message(5)),
      EncodeCase("[]", .message(6)), EncodeCase("[null]", .message(6, .message(1, .varint(1, 0)))),
      EncodeCase(
        #"{"a":[1]}"#, .message(5, .message(1, .text(1, "a"), value(.message(6, .message(1, .double(2, 1))))))),
    ] as [EncodeCase])
  func valuesAreWhateverStandsThere(item: EncodeCase) throws {
    #expect(try wire(item.text, as: "google.protobuf.Value") == item.expected.bytes)
    #expect(try wire("{\"value\":\(item.text)}", as: "WellKnown") == Wire.message(5, item.expected).bytes)
  }

  @Test(arguments: ["1e400", "-1e400", "NaN", "01", "tru", "", "[1,]", "{\"a\"}", "\u{feff}1", "1 2", "nulll"])
  func valuesMustBeJSON(json: String) throws {
    #expect(try encodeFault(json, as: "google.protobuf.Value") != nil)
  }

  @Test func structsAndListsAreObjectsAndArrays() throws {
    #expect(try wire(#"{"structure":{},"list":[]}"#, as: "WellKnown") == (Wire.message(4) + .message(6)).bytes)
    #expect(try encodeFault(#"{"structure":[]}"#, as: "WellKnown")?.code == .wrongType)
    #expect(try encodeFault(#"{"list":{}}"#, as: "WellKnown")?.code == .wrongType)
    #expect(try wire(#"{"structure":null,"nullValue":null}"#, as: "WellKnown") == [])
    #expect(try encodeFault(#"{"nullValue":"x"}"#, as: "WellKnown")?.code == .unknownEnumValue)
  }

  private static let durationURL = "type.googleapis.com/google.protobuf.Duration"
  private static let nodeURL = "type.googleapis.com/decode.values.Node"

  @Test(
    arguments: [
      EncodeCase("{}", []),
      EncodeCase("{\"@type\":\"\(nodeURL)\",\"name\":\"n\"}", Wire.text(1, nodeURL), .message(2, .text(1, "n"))),
      EncodeCase("{\"name\":\"n\",\"@type\":\"\(nodeURL)\"}", .text(1, nodeURL), .message(2, .text(1, "n"))),
      EncodeCase(
        " { \"name\" : \"n\" , \"\\u0040type\" : \"\(nodeURL)\" } ", .text(1, nodeURL), .message(2, .text(1, "n"))),
      EncodeCase("{\"@type\":\"\(nodeURL)\"}", .text(1, nodeURL)),
      EncodeCase("{\"@type\":\"\(durationURL)\",\"value\":\"1s\"}", .text(1, durationURL), .message(2, .varint(1, 1))),
      EncodeCase("{\"value\":\"1s\",\"@type\":\"\(durationURL)\"}", .text(1, durationURL), .message(2, .varint(1, 1))),
      EncodeCase("{\"@type\":\"x/google.protobuf.Empty\"}", .text(1, "x/google.protobuf.Empty")),
      EncodeCase("{\"@type\":\"x/google.protobuf.Empty\",\"value\":{}}", .text(1, "x/google.protobuf.Empty")),
      EncodeCase(
        "{\"@type\":\"x/google.protobuf.Value\",\"value\":null}",
        .text(1, "x/google.protobuf.Value"), .message(2, .varint(1, 0))),
      EncodeCase(
        "{\"value\":{\"name\":\"n\",\"@type\":\"\(nodeURL)\"},\"@type\":\"/google.protobuf.Any\"}",
        .text(1, "/google.protobuf.Any"), .message(2, .text(1, nodeURL), .message(2, .text(1, "n")))),
    ] as [EncodeCase])
  func anyTakesItsTypeFromAnywhere(item: EncodeCase) throws {
    #expect(try wire(item.text, as: "google.protobuf.Any") == item.expected.bytes)
    #expect(try wire("{\"anys\":[\(item.text)]}", as: "WellKnown") == Wire.message(20, item.expected).bytes)
  }

  @Test(arguments: [
    ("{\"name\":\"n\"}", JSONFault.Code.invalidValue), ("{\"@type\":1}", .wrongType),
    ("{\"@type\":\"decode.values.Node\"}", .invalidValue), ("{\"@type\":\"x/\"}", .invalidValue),
    ("{\"@type\":\"\"}", .invalidValue), ("{\"@type\":\"x/no.Such\"}", .unknownType),
    ("{\"@type\":\"\(nodeURL)\",\"@type\":\"\(nodeURL)\"}", .duplicateKey),
    ("{\"@type\":\"\(nodeURL)\",\"nam\":\"n\"}", .unknownField),
    ("{\"@type\":\"\(durationURL)\"}", .invalidValue), ("{\"@type\":\"\(durationURL)\",\"value\":1}", .wrongType),
    ("{\"@type\":\"\(durationURL)\",\"value\":\"1s\",\"x\":1}", .unknownField),
    ("{\"@type\":\"\(durationURL)\",\"value\":\"1s\",\"value\":\"1s\"}", .duplicateKey),
    ("[]", .wrongType), ("\"x\"", .wrongType), ("{\"name\":tru,\"@type\":\"\(nodeURL)\"}", .syntax),
    ("{\"name\":\"n\",\"@type\":\"\(nodeURL)\"", .unexpectedEnd),
  ])
  func otherAnysAreRefused(json: String, code: JSONFault.Code) throws {
    #expect(try encodeFault(json, as: "google.protobuf.Any")?.code == code)
  }

  /// Types that come late at every level are found in one look ahead, not in one for each level.
  @Test func nestedLateTypesStayLinear() throws {
    let url = "x/decode.values.WellKnown"
    var json = "{\"@type\":\"\(Self.nodeURL)\",\"name\":\"\(String(repeating: "n", count: 400_000))\"}"
    for _ in 0..<40 { json = "{\"any\":\(json),\"@type\":\"\(url)\"}" }
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try wire(json, as: "google.protobuf.Any").count > 400_000)
    let elapsed = clock.now - start
    #expect(elapsed < .seconds(5))
  }
}
