import ProtobufJSON
import ProtobufSchema
import SwiftProtobuf
import Testing

/// Edition 2023: what proto2 and proto3 decide by syntax is decided per field and per enum.
@Suite struct DecodeEditionsTests {
  private func json(_ wire: Wire, _ options: DecodingOptions = DecodingOptions()) throws -> String {
    var builder = SchemaBuilder()
    builder.add(fileDescriptor: try Self.file().serializedBytes(), origin: "editions.proto")
    let schema = try builder.build()
    let message = try #require(schema.message(named: "decode.editions.Mixed"))
    var output = OutputBuffer()
    try MessageDecoder(schema: schema, options: options).decode(wire.bytes.span.bytes, as: message, into: &output)
    return String(decoding: output.array, as: UTF8.self)
  }

  private static func file() -> Google_Protobuf_FileDescriptorProto {
    func field(
      _ name: String, _ number: Int32, _ type: Google_Protobuf_FieldDescriptorProto.TypeEnum, typeName: String = "",
      repeated: Bool = false, _ features: (inout Google_Protobuf_FeatureSet) -> Void = { _ in }
    ) -> Google_Protobuf_FieldDescriptorProto {
      .with {
        $0.name = name
        $0.number = number
        $0.type = type
        $0.label = repeated ? .repeated : .optional
        if !typeName.isEmpty { $0.typeName = ".decode.editions.\(typeName)" }
        features(&$0.options.features)
      }
    }
    func enumeration(_ name: String, _ type: Google_Protobuf_FeatureSet.EnumType) -> Google_Protobuf_EnumDescriptorProto
    {
      .with {
        $0.name = name
        $0.options.features.enumType = type
        $0.value = [
          .with {
            $0.name = "\(name.uppercased())_NONE"
            $0.number = 0
          },
          .with {
            $0.name = "\(name.uppercased())_ONE"
            $0.number = 1
          },
        ]
      }
    }
    return .with {
      $0.name = "editions.proto"
      $0.package = "decode.editions"
      $0.syntax = "editions"
      $0.edition = .edition2023
      $0.enumType = [enumeration("Open", .open), enumeration("Closed", .closed)]
      $0.messageType = [
        .with {
          $0.name = "Mixed"
          $0.field = [
            field("explicit", 1, .int32), field("implicit", 2, .int32) { $0.fieldPresence = .implicit },
            field("open", 3, .enum, typeName: "Open"), field("closed", 4, .enum, typeName: "Closed"),
            field("packed", 5, .int32, repeated: true),
            field("expanded", 6, .int32, repeated: true) { $0.repeatedFieldEncoding = .expanded },
            field("delimited", 7, .message, typeName: "Mixed") { $0.messageEncoding = .delimited },
            field("prefixed", 8, .message, typeName: "Mixed"),
            field("required", 9, .string) { $0.fieldPresence = .legacyRequired },
          ]
        }
      ]
    }
  }

  @Test func presenceIsByField() throws {
    #expect(try json([]) == #"{"implicit":0,"packed":[],"expanded":[]}"#)
    #expect(try json(.int(1, 0) + .int(2, 0), .init(emitDefaults: false)) == #"{"explicit":0}"#)
  }

  @Test(
    arguments: [
      (.varint(3, 9), #"{"open":9}"#), (.varint(4, 9), "{}"), (.varint(4, 1), #"{"closed":"CLOSED_ONE"}"#),
      (.bytes(5, [1, 2]) + .int(5, 3), #"{"packed":[1,2,3]}"#),
      (.bytes(6, [1, 2]) + .int(6, 3), #"{"expanded":[1,2,3]}"#),
      (.group(7, .int(1, 5), .group(7, .int(2, 1))), #"{"delimited":{"explicit":5,"delimited":{"implicit":1}}}"#),
      (.message(8, .int(1, 5)), #"{"prefixed":{"explicit":5}}"#),
      (.group(7, .int(1, 5)) + .group(7, .int(2, 1)), #"{"delimited":{"explicit":5,"implicit":1}}"#),
      (.text(9, ""), #"{"required":""}"#),
    ] as [(Wire, String)])
  func featuresDecideTheForm(wire: Wire, expected: String) throws {
    #expect(try json(wire, .init(emitDefaults: false)) == expected)
  }

  @Test func aDelimitedFieldIsNoLengthPrefixedOne() {
    #expect(throws: WireFault(code: .wrongWireType, offset: 1, fieldPath: "delimited")) { try json(.message(7)) }
    #expect(throws: WireFault(code: .wrongWireType, offset: 1, fieldPath: "prefixed")) { try json(.group(8)) }
  }

  /// Groups within groups have no lengths to step over; a hundred of them are still read in no time.
  @Test(.timeLimit(.minutes(1)))
  func deepGroups() throws {
    let wire = (1..<100).reduce(Wire([])) { wire, index in .group(7, .int(1, Int64(index)), wire) }
    #expect(try json(wire, .init(emitDefaults: false)).hasPrefix(#"{"delimited":{"explicit":99,"delimited":{"#))
    #expect(throws: WireFault.self) { try json(.group(7, wire)) }
  }
}
