/// A frozen set of message, enum and service descriptions, made by `SchemaBuilder`.
///
/// Everything in it is immutable. The descriptive side (`MessageSchema` and its like) is a view: a reference to the
/// schema and an index. The fast side is plain memory (`MessageLayout` and its like) that is freed with the schema.
/// Views keep the schema alive, layouts do not.
///
/// `@unchecked Sendable`: the layouts are raw memory that is written before the schema is published and never after.
public final class Schema: @unchecked Sendable {
  let arena: SchemaArena
  let fileRecords: [FileRecord]
  let messageRecords: [MessageRecord]
  let fieldRecords: [FieldRecord]
  let enumRecords: [EnumRecord]
  let serviceRecords: [ServiceRecord]
  let methodRecords: [MethodRecord]
  package let messageLayouts: UnsafePointer<MessageLayout>
  package let fieldLayouts: UnsafePointer<FieldLayout>
  package let enumLayouts: UnsafePointer<EnumLayout>
  /// Full names of messages to their indices, by bytes: for the type URLs of `Any`.
  package let messageNames: NameTable
  private let enumsByName: [String: Int32]
  private let servicesByName: [String: Int32]
  private let methodsByName: [String: Int32]

  init(_ frozen: consuming FrozenSchema) {
    arena = frozen.arena
    fileRecords = frozen.files
    messageRecords = frozen.messages
    fieldRecords = frozen.fields
    enumRecords = frozen.enums
    serviceRecords = frozen.services
    methodRecords = frozen.methods
    messageLayouts = frozen.messageLayouts
    fieldLayouts = frozen.fieldLayouts
    enumLayouts = frozen.enumLayouts
    messageNames = frozen.messageNames
    enumsByName = Self.index(frozen.enums) { $0.element.fullName }
    servicesByName = Self.index(frozen.services) { $0.element.fullName }
    methodsByName = Self.index(frozen.methods) { $0.element.fullName }
  }

  private static func index<Record>(_ records: [Record], by name: (Record) -> String) -> [String: Int32] {
    Dictionary(zip(records.map(name), Int32(0)...), uniquingKeysWith: { first, _ in first })
  }

  /// The message type with this full name, such as `order.OrderManagement`, with no leading dot.
  public func message(named fullName: String) -> MessageSchema? {
    var name = fullName
    let index = name.withUTF8 { bytes -> Int32 in
      guard let start = bytes.baseAddress else { return -1 }
      return messageNames.value(start, bytes.count)
    }
    return index < 0 ? nil : MessageSchema(schema: self, index: index)
  }

  public func enumeration(named fullName: String) -> EnumSchema? {
    enumsByName[fullName].map { EnumSchema(schema: self, index: $0) }
  }

  public func service(named fullName: String) -> ServiceSchema? {
    servicesByName[fullName].map { ServiceSchema(schema: self, index: $0) }
  }

  /// The method named `pkg.Service/Method` or `pkg.Service.Method`; a leading slash is allowed.
  public func method(named name: String) -> MethodSchema? {
    var key = Substring(name)
    if key.first == "/" { key = key.dropFirst() }
    let dotted = String(key.map { $0 == "/" ? "." : $0 })
    return methodsByName[dotted].map { MethodSchema(schema: self, index: $0) }
  }

  /// The `google/protobuf`, `google/rpc` and `google/api` files that every schema has, as a serialized
  /// `google.protobuf.FileDescriptorSet`.
  public static var builtInDescriptorSet: [UInt8] { BuiltInDescriptors.bytes }

  /// All services, in the order in which their files were given.
  public var services: [ServiceSchema] { serviceRecords.indices.map { ServiceSchema(schema: self, index: Int32($0)) } }
  /// All message types, map entries included.
  public var messages: [MessageSchema] { messageRecords.indices.map { MessageSchema(schema: self, index: Int32($0)) } }
  public var enumerations: [EnumSchema] { enumRecords.indices.map { EnumSchema(schema: self, index: Int32($0)) } }

  /// The files the schema was made from, built-in ones included.
  public var files: [SourceFile] {
    fileRecords.map { SourceFile(name: $0.name, package: $0.package, syntax: $0.syntax, isBuiltIn: $0.isBuiltIn) }
  }
}

/// A `.proto` file, as its descriptor names it.
public struct SourceFile: Sendable, Equatable {
  public let name: String
  public let package: String
  /// `proto2`, `proto3`, or `edition 2023` and so on.
  public let syntax: String
  /// Whether the file came with this library and not from the caller.
  public let isBuiltIn: Bool
}
