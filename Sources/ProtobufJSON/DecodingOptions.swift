/// How messages are printed as JSON.
public struct DecodingOptions: Sendable, Hashable {
  /// Prints fields without presence even when they hold the default, as REST clients expect.
  public var emitDefaults: Bool
  /// Prints fields by their names in the `.proto` file instead of their JSON names.
  public var protoFieldNames: Bool
  public var enumsAsNumbers: Bool
  /// Spaces per level; `nil` prints everything on one line. At most `maximumIndent` are used.
  public var indent: Int?
  /// Shows an Any whose type is not in the schema as `{"@type":…,"value":"<base64>"}` instead of refusing it.
  public var showsUnknownTypes: Bool
  /// How deep messages may be nested, the outermost being level 1. Protobuf's own readers have the same limit.
  public var maximumDepth: Int
  /// What one message may become. Text is at most six times its wire form; only defaults and indentation can make it
  /// more, of which a message made for that purpose could have gigabytes.
  public var maximumOutputBytes: Int

  public static let maximumIndent = 16

  public init(
    emitDefaults: Bool = true, protoFieldNames: Bool = false, enumsAsNumbers: Bool = false, indent: Int? = nil,
    showsUnknownTypes: Bool = false, maximumDepth: Int = 100, maximumOutputBytes: Int = 64 << 20
  ) {
    self.emitDefaults = emitDefaults
    self.protoFieldNames = protoFieldNames
    self.enumsAsNumbers = enumsAsNumbers
    self.indent = indent
    self.showsUnknownTypes = showsUnknownTypes
    self.maximumDepth = maximumDepth
    self.maximumOutputBytes = maximumOutputBytes
  }
}
