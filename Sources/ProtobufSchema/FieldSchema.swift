/// A field of a message, or an extension of one.
public struct FieldSchema: SchemaElement, RecordedElement {
  public let schema: Schema
  package let index: Int32

  package init(schema: Schema, index: Int32) {
    self.schema = schema
    self.index = index
  }

  var record: FieldRecord { schema.fieldRecords[Int(index)] }
  var element: ElementRecord { schema.fieldRecords[Int(index)].element }

  /// The field's fast side. Good for as long as the schema lives.
  package var layout: UnsafePointer<FieldLayout> { schema.fieldLayouts + Int(index) }

  public var number: Int { Int(layout.pointee.number) }
  /// The key in JSON: `json_name`, or for an extension its full name in brackets.
  public var jsonName: String { record.jsonName }
  public var kind: FieldKind { layout.pointee.kind }
  public var isMap: Bool { layout.pointee.isMap }
  public var cardinality: FieldCardinality { isMap ? .map : layout.pointee.isRepeated ? .repeated : .singular }
  /// Whether absent and "set to the default" differ.
  public var hasPresence: Bool { layout.pointee.hasPresence }
  /// Whether a list of this field is written as one packed record. Both forms are read.
  public var isPacked: Bool { layout.pointee.isPacked }
  public var isRequired: Bool { layout.pointee.isRequired }
  public var isExtension: Bool { layout.pointee.flags.contains(.isExtension) }
  public var validatesUTF8: Bool { layout.pointee.flags.contains(.validatesUTF8) }

  /// The message the field belongs to; of an extension, the message it extends.
  public var containingMessage: MessageSchema { MessageSchema(schema: schema, index: record.message) }
  /// The type of a message or group field; of a map field its hidden entry type.
  public var message: MessageSchema? {
    layout.pointee.message.map { MessageSchema(schema: schema, index: $0.pointee.index) }
  }
  public var enumeration: EnumSchema? {
    layout.pointee.enumeration.map { EnumSchema(schema: schema, index: $0.pointee.index) }
  }
  /// The key of a map field's entries.
  public var mapKey: FieldSchema? { isMap ? message?.field(number: 1) : nil }
  /// The value of a map field's entries.
  public var mapValue: FieldSchema? { isMap ? message?.field(number: 2) : nil }

  /// The place in `containingMessage.oneofs`, synthetic ones included.
  public var oneofIndex: Int? { record.oneof < 0 ? nil : Int(record.oneof) }
  /// The oneof in which the field excludes others; nil for a synthetic one.
  public var oneof: OneofSchema? {
    guard layout.pointee.oneof >= 0, let oneofIndex else { return nil }
    return OneofSchema(message: containingMessage, index: oneofIndex)
  }
  /// A proto2 or editions default, as the descriptor spells it.
  public var defaultText: String? { record.defaultText }

  /// The tag as it is written in front of a value (of a group: the start tag).
  public var tagBytes: [UInt8] {
    let layout = layout.pointee
    return (0..<Int(layout.tagCount)).map { UInt8(truncatingIfNeeded: layout.tagBytes >> UInt64(8 * $0)) }
  }
  /// `"jsonName":`, escaped, as it is written in front of a value.
  public var jsonKeyBytes: [UInt8] {
    let layout = layout.pointee
    return Array(UnsafeBufferPointer(start: layout.jsonKey, count: Int(layout.jsonKeyCount)))
  }
}
