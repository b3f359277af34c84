/// The descriptive side of the schema: what start-up, errors and documentation read. One array of each in `Schema`;
/// they refer to each other by index, so that nothing in a schema refers back to it.
struct FileRecord: Sendable {
  var name: String
  var package: String
  var syntax: String
  var isBuiltIn: Bool
}

struct ElementRecord: Sendable {
  var name: String
  var fullName: String
  var file: Int32
  var comments = ""
  var optionsBytes: [UInt8] = []
  var isDeprecated = false
}

struct MessageRecord: Sendable {
  var element: ElementRecord
  /// Fields, then extensions, occupy `firstField ..< firstField + fieldCount + extensionCount` of `Schema.fields`.
  var firstField: Int32
  var fieldCount: Int32
  var extensionCount: Int32
  var oneofs: [OneofRecord]
  var nestedMessages: [Int32]
  var nestedEnums: [Int32]
}

struct OneofRecord: Sendable {
  var name: String
  var comments = ""
  var isSynthetic: Bool
  /// Ordinals within the message.
  var members: [Int32]
}

struct FieldRecord: Sendable {
  var element: ElementRecord
  var jsonName: String
  /// The message the field belongs to; of an extension, the extended one.
  var message: Int32
  /// Among all oneofs of the message, synthetic ones included; -1 for none.
  var oneof: Int32
  var defaultText: String?
}

struct EnumRecord: Sendable {
  var element: ElementRecord
  var values: [EnumValueRecord]
}

struct EnumValueRecord: Sendable {
  var element: ElementRecord
  var number: Int32
}

struct ServiceRecord: Sendable {
  var element: ElementRecord
  var firstMethod: Int32
  var methodCount: Int32
}

struct MethodRecord: Sendable {
  var element: ElementRecord
  var service: Int32
  var path: String
  var input: Int32
  var output: Int32
  var clientStreaming: Bool
  var serverStreaming: Bool
}
