import ProtobufJSON
import ProtobufSchema
import Testing

/// Values from paths and queries, bodies that are one field, and what is already bound.
@Suite struct EncodeTextTests {
  private func path(_ type: String, _ names: String...) throws -> [FieldSchema] {
    var message = try encodeMessage(type)
    var path: [FieldSchema] = []
    for name in names {
      let field = try #require(message.field(jsonOrProtoName: name))
      path.append(field)
      if let inner = field.message { message = inner }
    }
    return path
  }

  private func encoded(_ text: String, _ path: [FieldSchema], mapKey: String? = nil) throws -> [UInt8] {
    let schema = try #require(decodeSchema)
    var output = OutputBuffer()
    output.append(0xFF)
    let bytes = Array(text.utf8)
    do {
      try MessageEncoder(schema: schema)
        .encodeText(bytes.span.bytes, path: path, mapKey: mapKey.map { Array($0.utf8) }, into: &output)
    } catch {
      #expect(output.array == [0xFF])
      throw error
    }
    return Array(output.array.dropFirst())
  }

  private func textFault(_ text: String, _ path: [FieldSchema], mapKey: String? = nil) throws -> TextFault? {
    do {
      _ = try encoded(text, path, mapKey: mapKey)
      return nil
    } catch let fault as TextFault {
      return fault
    }
  }

  @Test(
    arguments: [
      EncodeCase("aDouble", "1.5", Wire.double(1, 1.5)), EncodeCase("aDouble", "NaN", .double(1, .nan)),
      EncodeCase("aFloat", "-Infinity", .float(2, -.infinity)),
      EncodeCase("anInt32", "-5", .int(3, -5)), EncodeCase("anInt64", "9223372036854775807", .varint(4, .max >> 1)),
      EncodeCase("aUint32", "0", .varint(5, 0)),
      EncodeCase("aUint64", "18446744073709551615", .varint(6, .max)), EncodeCase("aSint32", "-1", .varint(7, 1)),
      EncodeCase("aSint64", "1", .varint(8, 2)),
      EncodeCase("aFixed32", "1", .fixed32(9, 1)), EncodeCase("aFixed64", "1", .fixed64(10, 1)),
      EncodeCase("aSfixed32", "-1", .fixed32(11, .max)),
      EncodeCase("aSfixed64", "-1", .fixed64(12, .max)), EncodeCase("aBool", "true", .varint(13, 1)),
      EncodeCase("aBool", "false", .varint(13, 0)),
      EncodeCase("aString", "", .text(14, "")), EncodeCase("aString", "a\"b\n€", .text(14, "a\"b\n€")),
      EncodeCase("someBytes", "-_8", .bytes(15, [251, 255])),
      EncodeCase("aColor", "BLUE", .varint(16, 5)), EncodeCase("aColor", "5", .varint(16, 5)),
      EncodeCase("aColor", "-3", .int(16, -3)),
    ] as [EncodeCase])
  func everyScalarIsReadFromText(item: EncodeCase) throws {
    #expect(try encoded(item.text, path("Scalars", item.name)) == item.expected.bytes)
  }

  @Test(
    arguments: [
      EncodeCase("timestamp", "1970-01-01T00:00:01Z", Wire.message(1, .varint(1, 1))),
      EncodeCase("duration", "1s", .message(2, .varint(1, 1))),
      EncodeCase("mask", "fooBar,baz", .message(3, .text(1, "foo_bar"), .text(1, "baz"))),
      EncodeCase("stringValue", "x", .message(16, .text(1, "x"))),
      EncodeCase("boolValue", "true", .message(10, .varint(1, 1))), EncodeCase("int64Value", "0", .message(15)),
      EncodeCase("bytesValue", "AQ", .message(11, .bytes(1, [1]))),
      EncodeCase("timestamps", "1970-01-01T00:00:01Z", .message(19, .varint(1, 1))),
    ] as [EncodeCase])
  func wellKnownTypesAreReadFromText(item: EncodeCase) throws {
    #expect(try encoded(item.text, path("WellKnown", item.name)) == item.expected.bytes)
  }

  @Test func elementsAndEntriesAreWrittenOneByOne() throws {
    #expect(try encoded("7", path("Lists", "int32s")) == Wire.bytes(3, [7]).bytes)
    #expect(try encoded("7", path("Lists", "unpacked")) == Wire.varint(18, 7).bytes)
    #expect(try encoded("x", path("Lists", "strings")) == Wire.text(14, "x").bytes)
    #expect(
      try encoded("v", path("Maps", "byInt32"), mapKey: "-1") == Wire.message(1, .int(1, -1), .text(2, "v")).bytes)
    #expect(
      try encoded("GREEN", path("Maps", "byBool"), mapKey: "true")
        == Wire.message(11, .varint(1, 1), .varint(2, 1)).bytes)
    let fault = try textFault("v", path("Maps", "byInt32"), mapKey: "x")
    #expect(fault?.code == .wrongType)
    #expect(fault?.fieldPath == "byInt32[\"x\"]")
    #expect(fault?.found.contains("key") == true)
  }

  @Test func outerMessagesAreWrittenAround() throws {
    #expect(
      try encoded("5", path("Node", "next", "next", "weight"))
        == Wire.message(2, .message(2, .varint(4, 5))).bytes)
    let long = String(repeating: "x", count: 10_000)
    #expect(
      try encoded(long, path("Node", "next", "next", "name")) == Wire.message(2, .message(2, .text(1, long))).bytes)
    #expect(try encoded("a", path("decode.legacy.Legacy", "part", "label")) == Wire.group(7, .text(1, "a")).bytes)
  }

  @Test(arguments: [
    ("Scalars", "anInt32", "x", JSONFault.Code.wrongType), ("Scalars", "anInt32", "", .wrongType),
    ("Scalars", "anInt32", "2147483648", .outOfRange), ("Scalars", "anInt32", "1.5", .notAnInteger),
    ("Scalars", "aBool", "1", .wrongType), ("Scalars", "aBool", "TRUE", .wrongType),
    ("Scalars", "aColor", "BLEU", .unknownEnumValue), ("Scalars", "aColor", "", .unknownEnumValue),
    ("Scalars", "someBytes", "*", .invalidBase64), ("WellKnown", "timestamp", "now", .invalidValue),
    ("WellKnown", "structure", "{}", .wrongType), ("WellKnown", "any", "{}", .wrongType),
    ("Node", "next", "x", .wrongType), ("decode.legacy.Legacy", "size", "2", .unknownEnumValue),
    ("Scalars", "aDouble", "1e400", .outOfRange),
  ])
  func otherTextIsRefused(type: String, field: String, text: String, code: JSONFault.Code) throws {
    let fault = try textFault(text, path(type, field))
    #expect(fault?.code == code)
    #expect(fault?.fieldPath == field)
  }

  @Test func textMustBeUTF8() throws {
    let schema = try #require(decodeSchema)
    var output = OutputBuffer()
    let bytes: [UInt8] = [0x61, 0xFF]
    let path = try path("Scalars", "aString")
    #expect(throws: TextFault.self) {
      try MessageEncoder(schema: schema).encodeText(bytes.span.bytes, path: path, into: &output)
    }
  }

  private func fieldWire(_ json: String, _ path: [FieldSchema], bound: BoundFields? = nil) throws -> [UInt8] {
    let schema = try #require(decodeSchema)
    var output = OutputBuffer()
    let bytes = Array(json.utf8)
    try MessageEncoder(schema: schema).encodeField(bytes.span.bytes, path: path, bound: bound, into: &output)
    return output.array
  }

  @Test func aBodyMayBeOneField() throws {
    #expect(try fieldWire(#"{"name":"n"}"#, path("Node", "next")) == Wire.message(2, .text(1, "n")).bytes)
    #expect(try fieldWire(#"[{},{}]"#, path("Node", "children")) == (Wire.message(3) + .message(3)).bytes)
    #expect(try fieldWire(#" "x" "#, path("Node", "name")) == Wire.text(1, "x").bytes)
    #expect(try fieldWire("null", path("Node", "next")) == [])
    #expect(try fieldWire("5", path("Node", "next", "weight")) == Wire.message(2, .varint(4, 5)).bytes)
    #expect(try fieldWire(#"{"a":{}}"#, path("Maps", "byString")) == Wire.message(12, .text(1, "a"), .message(2)).bytes)
    #expect(throws: JSONFault.self) { try fieldWire("{} x", path("Node", "next")) }
  }

  @Test func whatIsBoundMayNotBeSetAgain() throws {
    var bound = BoundFields()
    #expect(bound.isEmpty)
    bound.insert(try path("Node", "name"))
    bound.insert(try path("Node", "next", "next", "name"))
    #expect(try encodeFault(#"{"name":"x"}"#, as: "Node", bound: bound)?.code == .alreadyBound)
    #expect(try encodeFault(#"{"name":null}"#, as: "Node", bound: bound)?.code == .alreadyBound)
    #expect(
      try encodeFault(#"{"next":{"next":{"name":"x"}}}"#, as: "Node", bound: bound)?.fieldPath == "next.next.name")
    #expect(
      try wire(#"{"weight":1,"next":{"name":"x","next":{"weight":2}}}"#, as: "Node", bound: bound)
        == (Wire.varint(4, 1) + .message(2, .text(1, "x"), .message(2, .varint(4, 2)))).bytes)
    #expect(try wire(#"{"next":null}"#, as: "Node", bound: bound) == [])
    #expect(bound.contains(try path("Node", "next", "next", "name")))
    #expect(!bound.contains(try path("Node", "next", "name")))
    #expect(try fieldWire(#"{"weight":1}"#, path("Node", "next"), bound: bound) == Wire.message(2, .varint(4, 1)).bytes)
    #expect(throws: JSONFault.self) { try fieldWire(#"{"next":{"name":""}}"#, path("Node", "next"), bound: bound) }
  }

  @Test func aBoundMemberExcludesTheOthersOfItsOneof() throws {
    var bound = BoundFields()
    bound.insert(try path("Choice", "node", "name"))
    #expect(try encodeFault(#"{"text":"x"}"#, as: "Choice", bound: bound)?.code == .oneofConflict)
    #expect(try wire(#"{"text":null,"before":"b"}"#, as: "Choice", bound: bound) == Wire.text(1, "b").bytes)
  }

  @Test func aBoundRequiredFieldIsThere() throws {
    var bound = BoundFields()
    bound.insert(try path("decode.legacy.Legacy", "id"))
    #expect(try wire("{}", as: "decode.legacy.Legacy", bound: bound) == [])
  }

  @Test func aBoundPartOfAWrapperLeavesNothingToTheBody() throws {
    var bound = BoundFields()
    bound.insert(try path("google.protobuf.StringValue", "value"))
    #expect(try encodeFault(#""x""#, as: "google.protobuf.StringValue", bound: bound)?.code == .alreadyBound)
  }
}
