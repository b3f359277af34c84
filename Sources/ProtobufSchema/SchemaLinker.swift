internal import SwiftProtobuf

/// Joins files into one checked whole, in phases; each phase reports all the faults it sees.
///
/// 1. files: one of each name, every import there, no cycles;
/// 2. declarations: every full name once, types numbered;
/// 3. references: fields, extensions and methods find their types;
/// 4. freezing, only if there was no fault.
///
/// Descriptors come from outside: nothing here trusts an index, a name or a type number in them.
struct SchemaLinker {
  var errors: [SchemaError]
  let options: SchemaOptions
  var sources: [DescriptorSource]

  var files: [LinkedFile] = []
  var symbols = SymbolTable()
  var messages: [LinkedMessage] = []
  var enums: [LinkedEnum] = []
  var extensions: [LinkedExtension] = []
  var services: [ServiceRecord] = []
  var methods: [MethodRecord] = []

  init(sources: [DescriptorSource], options: SchemaOptions, errors: [SchemaError]) {
    self.sources = sources
    self.options = options
    self.errors = errors
  }

  mutating func link() -> FrozenSchema? {
    gatherFiles()
    checkImports()
    for index in files.indices { declare(file: Int32(index)) }
    linkFields()
    linkExtensions()
    for index in files.indices { linkServices(file: Int32(index)) }
    for index in messages.indices { checkMessage(index) }
    for index in enums.indices { checkEnum(index) }
    guard errors.isEmpty else { return nil }
    return SchemaFreezer(linker: self).freeze()
  }

  mutating func fail(_ code: SchemaError.Code, file: Int32, _ element: String, _ message: String) {
    errors.append(SchemaError(code: code, file: files[Int(file)].descriptor.name, element: element, message: message))
  }
}

struct LinkedFile {
  var descriptor: Google_Protobuf_FileDescriptorProto
  var origin: String
  var isBuiltIn: Bool
  var syntax: String
  var features: ResolvedFeatures
  var comments: SourceComments
}

struct LinkedMessage {
  var descriptor: Google_Protobuf_DescriptorProto
  var element: ElementRecord
  var features: ResolvedFeatures
  /// The numbers by which source info finds the message.
  var path: [Int32]
  var nestedMessages: [Int32] = []
  var nestedEnums: [Int32] = []
  var oneofs: [OneofRecord] = []
  /// The fields in declaration order; extensions of the message follow once they are linked.
  var fields: [LinkedField] = []
  var fieldCount: Int32 = 0

  var file: Int32 { element.file }
}

/// A field or an extension with its type found and its features settled.
struct LinkedField {
  var element: ElementRecord
  var number: Int32
  var kind: FieldKind
  var flags: FieldFlags
  var jsonName: String
  var hasCustomJSONName: Bool
  /// Among all oneofs of the message, or -1.
  var oneof: Int32 = -1
  /// An index of a message or an enum, by `kind`; -1 for scalars.
  var type: Int32 = -1
  var defaultText: String?
}

struct LinkedEnum {
  var descriptor: Google_Protobuf_EnumDescriptorProto
  var element: ElementRecord
  var features: ResolvedFeatures
  var values: [EnumValueRecord]
}

/// An extension that waits for its message to be known.
struct LinkedExtension {
  var descriptor: Google_Protobuf_FieldDescriptorProto
  var element: ElementRecord
  /// The package or message in which it was declared: names are looked up from there.
  var scope: String
  var features: ResolvedFeatures
}
