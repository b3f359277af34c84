/// An enum of a schema.
public struct EnumSchema: SchemaElement, RecordedElement {
  public let schema: Schema
  package let index: Int32

  package init(schema: Schema, index: Int32) {
    self.schema = schema
    self.index = index
  }

  var record: EnumRecord { schema.enumRecords[Int(index)] }
  var element: ElementRecord { schema.enumRecords[Int(index)].element }

  /// The enum's fast side. Good for as long as the schema lives.
  package var layout: UnsafePointer<EnumLayout> { schema.enumLayouts + Int(index) }

  /// A closed enum knows no numbers but its own (proto2, `features.enum_type = CLOSED`).
  public var isClosed: Bool { layout.pointee.isClosed }
  public var isNullValue: Bool { layout.pointee.isNullValue }

  /// The values in declaration order, aliases included.
  public var values: [EnumValueSchema] {
    record.values.map {
      EnumValueSchema(
        name: $0.element.name, number: $0.number, comments: $0.element.comments,
        isDeprecated: $0.element.isDeprecated)
    }
  }

  /// The number with this name.
  public func number(named name: String) -> Int32? {
    var name = name
    return name.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return nil }
      return layout.pointee.value(name: start, count: bytes.count)?.pointee.number
    }
  }

  /// The name that is printed for this number: the first one declared.
  public func name(of number: Int32) -> String? {
    record.values.first { $0.number == number }?.element.name
  }

  /// The value's name that was probably meant, or nil when none is near.
  public func nearestName(to name: String) -> String? {
    NearMiss.nearest(to: name, among: record.values.map(\.element.name))
  }
}

/// One name of an enum.
public struct EnumValueSchema: Sendable, Hashable {
  public let name: String
  public let number: Int32
  public let comments: String
  public let isDeprecated: Bool
}
