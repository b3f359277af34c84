/// Everything a `Schema` is made of, handed over once by the builder.
struct FrozenSchema {
  var arena: SchemaArena
  var files: [FileRecord]
  var messages: [MessageRecord]
  var fields: [FieldRecord]
  var enums: [EnumRecord]
  var services: [ServiceRecord]
  var methods: [MethodRecord]
  var messageLayouts: UnsafePointer<MessageLayout>
  var fieldLayouts: UnsafePointer<FieldLayout>
  var enumLayouts: UnsafePointer<EnumLayout>
  var messageNames: NameTable
}
