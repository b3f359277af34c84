/// What every described thing has: a name, a file, comments and options.
public protocol SchemaElement: Sendable, Hashable {
  var schema: Schema { get }
  /// The simple name, as it is written in the `.proto` file.
  var name: String { get }
  /// The name with its package and outer types, without a leading dot.
  var fullName: String { get }
  /// The name of the `.proto` file.
  var sourceFile: String { get }
  /// The comment in front of the element, or else behind it. Empty unless `SchemaOptions.keepsComments` was set and
  /// the descriptor set has source info.
  var comments: String { get }
  /// The element's options as they were serialized, extensions included; empty when it has none.
  var optionsBytes: [UInt8] { get }
  var isDeprecated: Bool { get }
}

/// The element's place in its schema; the protocol's members follow from the record there.
protocol RecordedElement: SchemaElement {
  var index: Int32 { get }
  var element: ElementRecord { get }
}

extension RecordedElement {
  public var name: String { element.name }
  public var fullName: String { element.fullName }
  public var sourceFile: String { schema.fileRecords[Int(element.file)].name }
  public var comments: String { element.comments }
  public var optionsBytes: [UInt8] { element.optionsBytes }
  public var isDeprecated: Bool { element.isDeprecated }

  public static func == (a: Self, b: Self) -> Bool { a.index == b.index && a.schema === b.schema }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(index)
    hasher.combine(ObjectIdentifier(schema))
  }
}
