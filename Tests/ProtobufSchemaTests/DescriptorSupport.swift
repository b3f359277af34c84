import ProtobufSchema
import SwiftProtobuf
import Testing

/// Descriptors made by hand, a line for each element.
typealias FileDescriptor = Google_Protobuf_FileDescriptorProto
typealias MessageDescriptor = Google_Protobuf_DescriptorProto
typealias FieldDescriptor = Google_Protobuf_FieldDescriptorProto
typealias EnumDescriptor = Google_Protobuf_EnumDescriptorProto

func file(
  _ name: String, package: String = "t", syntax: String = "proto3", edition: Google_Protobuf_Edition? = nil,
  imports: [String] = [], messages: [MessageDescriptor] = [], enums: [EnumDescriptor] = [],
  extensions: [FieldDescriptor] = []
) -> FileDescriptor {
  var file = FileDescriptor()
  file.name = name
  file.package = package
  file.syntax = edition == nil ? syntax : "editions"
  if let edition { file.edition = edition }
  file.dependency = imports
  file.messageType = messages
  file.enumType = enums
  file.extension = extensions
  return file
}

func message(
  _ name: String, _ fields: [FieldDescriptor] = [], nested: [MessageDescriptor] = [], enums: [EnumDescriptor] = [],
  oneofs: [String] = []
) -> MessageDescriptor {
  var message = MessageDescriptor()
  message.name = name
  message.field = fields
  message.nestedType = nested
  message.enumType = enums
  message.oneofDecl = oneofs.map { name in
    var oneof = Google_Protobuf_OneofDescriptorProto()
    oneof.name = name
    return oneof
  }
  return message
}

func field(
  _ name: String, _ number: Int32, _ type: Google_Protobuf_FieldDescriptorProto.TypeEnum = .string,
  of typeName: String? = nil, label: Google_Protobuf_FieldDescriptorProto.Label = .optional, json: String? = nil,
  oneof: Int32? = nil
) -> FieldDescriptor {
  var field = FieldDescriptor()
  field.name = name
  field.number = number
  field.type = type
  field.label = label
  if let typeName { field.typeName = typeName }
  if let json { field.jsonName = json }
  if let oneof { field.oneofIndex = oneof }
  return field
}

func enumeration(_ name: String, _ values: [(String, Int32)]) -> EnumDescriptor {
  var descriptor = EnumDescriptor()
  descriptor.name = name
  descriptor.value = values.map { name, number in
    var value = Google_Protobuf_EnumValueDescriptorProto()
    value.name = name
    value.number = number
    return value
  }
  return descriptor
}

func mapEntry(_ name: String, key: FieldDescriptor, value: FieldDescriptor) -> MessageDescriptor {
  var entry = message(name, [key, value])
  entry.options.mapEntry = true
  return entry
}

func service(_ name: String, _ methods: [(name: String, input: String, output: String)])
  -> Google_Protobuf_ServiceDescriptorProto
{
  var service = Google_Protobuf_ServiceDescriptorProto()
  service.name = name
  service.method = methods.map { item in
    var method = Google_Protobuf_MethodDescriptorProto()
    method.name = item.name
    method.inputType = item.input
    method.outputType = item.output
    return method
  }
  return service
}

extension FileDescriptor {
  /// The same file, changed.
  func with(_ change: (inout FileDescriptor) -> Void) -> FileDescriptor {
    var copy = self
    change(&copy)
    return copy
  }
}

extension MessageDescriptor {
  func with(_ change: (inout MessageDescriptor) -> Void) -> MessageDescriptor {
    var copy = self
    change(&copy)
    return copy
  }
}

extension FieldDescriptor {
  func with(_ change: (inout FieldDescriptor) -> Void) -> FieldDescriptor {
    var copy = self
    change(&copy)
    return copy
  }
}

func set(_ files: [FileDescriptor]) throws -> [UInt8] {
  var set = Google_Protobuf_FileDescriptorSet()
  set.file = files
  return try set.serializedBytes(partial: true)
}

func schema(_ files: FileDescriptor..., options: SchemaOptions = SchemaOptions()) throws -> Schema {
  var builder = SchemaBuilder(options: options)
  builder.add(descriptorSet: try set(files), origin: "test.binpb")
  return try builder.build()
}

/// The faults of the files, none when they make a schema.
func faults(_ files: FileDescriptor...) throws -> [SchemaError] {
  var builder = SchemaBuilder()
  builder.add(descriptorSet: try set(files), origin: "test.binpb")
  return faults(of: builder)
}

func faults(of builder: consuming SchemaBuilder) -> [SchemaError] {
  do {
    _ = try builder.build()
    return []
  } catch {
    return error.errors
  }
}
