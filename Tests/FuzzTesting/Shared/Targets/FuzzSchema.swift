import ProtobufSchema
import SwiftProtobuf

/// Message types with every kind of field, and those whose JSON has a form of its own.
enum FuzzSchema {
  static let schema: Schema = {
    var builder = SchemaBuilder()
    do {
      builder.add(fileDescriptor: try everyKind.serializedBytes(), origin: "fuzz")
      return try builder.build()
    } catch {
      fatalError("\(error)")
    }
  }()

  static let names = [
    "fuzz.Every", "google.protobuf.Value", "google.protobuf.Struct", "google.rpc.Status", "google.protobuf.Timestamp",
    "google.protobuf.Duration", "google.protobuf.FieldMask", "google.protobuf.BytesValue",
    "google.protobuf.DoubleValue",
    "google.api.HttpRule", "google.protobuf.FileDescriptorProto",
  ]

  /// The type that a byte of the input chooses.
  static func message(_ byte: UInt8) -> MessageSchema? {
    schema.message(named: names[Int(byte) % names.count])
  }

  /// `message Every` has a field of each scalar type, a list of each, an enum, maps, a oneof and itself.
  private static var everyKind: Google_Protobuf_FileDescriptorProto {
    typealias Field = Google_Protobuf_FieldDescriptorProto
    let scalars: [(String, Field.TypeEnum)] = [
      ("double", .double), ("float", .float), ("int64", .int64), ("uint64", .uint64), ("int32", .int32),
      ("fixed64", .fixed64), ("fixed32", .fixed32), ("bool", .bool), ("string", .string), ("bytes", .bytes),
      ("uint32", .uint32), ("sfixed32", .sfixed32), ("sfixed64", .sfixed64), ("sint32", .sint32), ("sint64", .sint64),
    ]
    func field(
      _ name: String, _ number: Int, _ type: Field.TypeEnum, _ label: Field.Label = .optional, of typeName: String = ""
    ) -> Field {
      var field = Field()
      field.name = name
      field.number = Int32(number)
      field.type = type
      field.label = label
      if !typeName.isEmpty { field.typeName = typeName }
      return field
    }
    func map(_ name: String, _ key: Field.TypeEnum, _ value: Field) -> Google_Protobuf_DescriptorProto {
      var entry = Google_Protobuf_DescriptorProto()
      entry.name = name
      entry.field = [field("key", 1, key), value]
      entry.options.mapEntry = true
      return entry
    }
    var every = Google_Protobuf_DescriptorProto()
    every.name = "Every"
    for (index, (name, type)) in scalars.enumerated() {
      every.field.append(field("a_\(name)", 1 + index, type))
      every.field.append(field("list_\(name)", 31 + index, type, .repeated))
    }
    every.field.append(field("kind", 16, .enum, of: ".fuzz.Kind"))
    every.field.append(field("kinds", 46, .enum, .repeated, of: ".fuzz.Kind"))
    every.field.append(field("child", 17, .message, of: ".fuzz.Every"))
    every.field.append(field("children", 47, .message, .repeated, of: ".fuzz.Every"))
    every.field.append(field("numbers", 48, .message, .repeated, of: ".fuzz.Every.NumbersEntry"))
    every.field.append(field("named", 49, .message, .repeated, of: ".fuzz.Every.NamedEntry"))
    every.field.append(field("mask", 53, .message, of: ".google.protobuf.FieldMask"))
    every.nestedType = [
      map("NumbersEntry", .sint64, field("value", 2, .double)),
      map("NamedEntry", .string, field("value", 2, .message, of: ".fuzz.Every")),
    ]
    for (name, number, type, typeName) in [
      ("text", 50, Field.TypeEnum.string, ""), ("when", 51, .message, ".google.protobuf.Timestamp"),
      ("any", 52, .message, ".google.protobuf.Any"),
    ] {
      var member = field(name, number, type, of: typeName)
      member.oneofIndex = 0
      every.field.append(member)
    }
    var oneof = Google_Protobuf_OneofDescriptorProto()
    oneof.name = "choice"
    every.oneofDecl = [oneof]

    var kind = Google_Protobuf_EnumDescriptorProto()
    kind.name = "Kind"
    for (number, name) in ["NONE", "ONE", "TWO"].enumerated() {
      var value = Google_Protobuf_EnumValueDescriptorProto()
      value.name = name
      value.number = Int32(number)
      kind.value.append(value)
    }
    var file = Google_Protobuf_FileDescriptorProto()
    file.name = "fuzz.proto"
    file.package = "fuzz"
    file.syntax = "proto3"
    file.dependency = [
      "google/protobuf/timestamp.proto", "google/protobuf/any.proto", "google/protobuf/field_mask.proto",
      "google/api/httpbody.proto",
    ]
    file.messageType = [every]
    file.enumType = [kind]
    file.service = [service]
    return file
  }

  /// A method of each mode, and one that takes and gives bytes.
  private static var service: Google_Protobuf_ServiceDescriptorProto {
    var service = Google_Protobuf_ServiceDescriptorProto()
    service.name = "Fuzz"
    for (name, type, streamsRequest, streamsResponse) in [
      ("Single", ".fuzz.Every", false, false), ("List", ".fuzz.Every", false, true),
      ("Add", ".fuzz.Every", true, false), ("Talk", ".fuzz.Every", true, true),
      ("Copy", ".google.api.HttpBody", true, true),
    ] {
      var method = Google_Protobuf_MethodDescriptorProto()
      method.name = name
      method.inputType = type
      method.outputType = type
      method.clientStreaming = streamsRequest
      method.serverStreaming = streamsResponse
      service.method.append(method)
    }
    return service
  }
}
