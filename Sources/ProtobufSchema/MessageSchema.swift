/// A message type of a schema.
public struct MessageSchema: SchemaElement, RecordedElement {
  public let schema: Schema
  package let index: Int32

  package init(schema: Schema, index: Int32) {
    self.schema = schema
    self.index = index
  }

  var record: MessageRecord { schema.messageRecords[Int(index)] }
  var element: ElementRecord { schema.messageRecords[Int(index)].element }

  /// The message's fast side. Good for as long as the schema lives.
  package var layout: UnsafePointer<MessageLayout> { schema.messageLayouts + Int(index) }

  /// The fields in declaration order, without extensions.
  public var fields: [FieldSchema] { fields(from: record.firstField, count: record.fieldCount) }
  /// The extensions of this message that the schema knows, by number.
  public var extensions: [FieldSchema] {
    fields(from: record.firstField + record.fieldCount, count: record.extensionCount)
  }

  /// The oneofs in declaration order, synthetic ones (proto3 `optional`) included.
  public var oneofs: [OneofSchema] {
    record.oneofs.indices.map { OneofSchema(message: self, index: $0) }
  }

  /// The type's special JSON form, if it has one.
  public var wellKnown: WellKnownType? { layout.pointee.wellKnown }
  /// Whether this is the hidden `{key, value}` type of a map field.
  public var isMapEntry: Bool { layout.pointee.isMapEntry }
  public var nestedMessages: [MessageSchema] { record.nestedMessages.map { MessageSchema(schema: schema, index: $0) } }
  public var nestedEnums: [EnumSchema] { record.nestedEnums.map { EnumSchema(schema: schema, index: $0) } }

  /// The field or known extension with this number.
  public func field(number: Int) -> FieldSchema? {
    guard let number = UInt32(exactly: number) else { return nil }
    return layout.pointee.field(number: number).map(field)
  }

  /// The field with this JSON or proto name, or the extension with this name in brackets.
  public func field(jsonOrProtoName name: String) -> FieldSchema? {
    var name = name
    return name.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return nil }
      return layout.pointee.field(name: start, count: bytes.count).map(field)
    }
  }

  package func field(_ layout: UnsafePointer<FieldLayout>) -> FieldSchema {
    FieldSchema(schema: schema, index: layout.pointee.index)
  }

  /// The name of the field that was probably meant, or nil when none is near.
  ///
  /// JSON names and proto names are compared, ignoring case and underscores first; at most a third of the name may
  /// differ. The JSON name is answered, or the proto name when that is the nearer one.
  public func nearestFieldName(to name: String) -> String? {
    NearMiss.nearest(to: name, among: (fields + extensions).flatMap { [$0.jsonName, $0.name] })
  }

  private func fields(from first: Int32, count: Int32) -> [FieldSchema] {
    (first..<first + count).map { FieldSchema(schema: schema, index: $0) }
  }
}
