import ProtobufJSON
import ProtobufSchema
import SwiftProtobuf
import Testing

/// What only proto2 has: required fields, closed enums, groups, extensions, lists that are not packed.
@Suite struct EncodeLegacyTests {
  private static let id = Wire.varint(1, 1)

  @Test(
    arguments: [
      EncodeCase(#"{"id":1}"#, id), EncodeCase(#"{"id":0}"#, .varint(1, 0)),
      EncodeCase(#"{"id":1,"name":""}"#, id, .text(2, "")),
      EncodeCase(#"{"id":1,"size":"SMALL"}"#, id, .varint(3, 1)),
      EncodeCase(#"{"id":1,"size":"ALSO_SMALL"}"#, id, .varint(3, 1)),
      EncodeCase(#"{"id":1,"size":7}"#, id, .varint(3, 7)),
      EncodeCase(#"{"id":1,"sizes":["HUGE",1]}"#, id, .varint(4, 7), .varint(4, 1)),
      EncodeCase(#"{"id":1,"packedSizes":["HUGE",1]}"#, id, .bytes(5, [7, 1])),
      EncodeCase(#"{"id":1,"numbers":[1,2]}"#, id, .varint(11, 1), .varint(11, 2)),
      EncodeCase(#"{"id":1,"part":{}}"#, id, .group(7)),
      EncodeCase(
        #"{"id":1,"part":{"label":"a","screw":[{"length":1},{}]}}"#,
        id, .group(7, .text(1, "a"), .group(3, .varint(1, 1)), .group(3))),
      EncodeCase(#"{"id":1,"item":[{"label":"x"},{}]}"#, id, .group(8, .text(1, "x")), .group(8)),
      EncodeCase(#"{"id":1,"shades":{"a":"DARK"}}"#, id, .message(6, .text(1, "a"), .varint(2, 1))),
      EncodeCase(#"{"id":1,"[decode.legacy.note]":"n"}"#, id, .text(100, "n")),
      EncodeCase(#"{"id":1,"[decode.legacy.marks]":[1,2]}"#, id, .varint(101, 1), .varint(101, 2)),
      EncodeCase(#"{"id":1,"[decode.legacy.tree]":{"name":"t"}}"#, id, .message(1000, .text(1, "t"))),
      EncodeCase(#"{"id":1,"[decode.legacy.Scope.scoped_size]":"LARGE"}"#, id, .varint(150, 3)),
      EncodeCase(#"{"name":null,"id":1}"#, id),
    ] as [EncodeCase])
  func proto2IsWritten(item: EncodeCase) throws {
    #expect(try wire(item.text, as: "decode.legacy.Legacy") == item.expected.bytes)
  }

  @Test(arguments: [
    ("{}", JSONFault.Code.missingRequired, "id"), (#"{"name":"n"}"#, .missingRequired, "id"),
    (#"{"id":null}"#, .missingRequired, "id"), (#"{"id":1,"size":2}"#, .unknownEnumValue, "size"),
    (#"{"id":1,"size":-1}"#, .unknownEnumValue, "size"), (#"{"id":1,"size":4294967297}"#, .outOfRange, "size"),
    (#"{"id":1,"size":"MEDIUM"}"#, .unknownEnumValue, "size"),
    (#"{"id":1,"[decode.legacy.nope]":1}"#, .unknownField, #"["[decode.legacy.nope]"]"#),
    (#"{"id":1,"note":"n"}"#, .unknownField, "note"),
    (#"{"id":1,"[decode.legacy.note]":"n","[decode.legacy.note]":"n"}"#, .duplicateKey, #"["[decode.legacy.note]"]"#),
    (#"{"id":1,"aSize":"HUGE","aText":"x"}"#, .oneofConflict, "aText"),
    (#"{"id":1,"part":null,"part":{}}"#, .duplicateKey, "part"),
  ])
  func otherProto2IsRefused(json: String, code: JSONFault.Code, path: String) throws {
    let fault = try encodeFault(json, as: "decode.legacy.Legacy")
    #expect(fault?.code == code)
    #expect(fault?.fieldPath == path)
  }

  @Test func messageSetsAreRefused() throws {
    var range = Google_Protobuf_DescriptorProto.ExtensionRange()
    range.start = 4
    range.end = 2_000
    var set = Google_Protobuf_DescriptorProto()
    set.name = "Set"
    set.options.messageSetWireFormat = true
    set.extensionRange = [range]
    var item = Google_Protobuf_FieldDescriptorProto()
    item.name = "item"
    item.number = 1000
    item.type = .message
    item.label = .optional
    item.typeName = ".Set"
    item.extendee = ".Set"
    var file = Google_Protobuf_FileDescriptorProto()
    file.name = "set.proto"
    file.messageType = [set]
    file.extension = [item]
    var builder = SchemaBuilder()
    builder.add(fileDescriptor: try file.serializedBytes(), origin: "set")
    let schema = try builder.build()
    let message = try #require(schema.message(named: "Set"))
    var output = OutputBuffer()
    try MessageEncoder(schema: schema).encode(Array("{}".utf8).span.bytes, as: message, into: &output)
    #expect(output.array == [])
    #expect(throws: JSONFault.self) {
      try MessageEncoder(schema: schema).encode(Array(#"{"[item]":{}}"#.utf8).span.bytes, as: message, into: &output)
    }
  }
}
