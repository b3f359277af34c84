internal import JSONTree
internal import ProtobufSchema

/// Fields as text, the form in which paths and queries hold them.
extension SchemaComponents {
  /// The schema of one value of a scalar, enum, wrapper or text-like well-known field, in a path or a query.
  ///
  /// Text has no quotes, so 64-bit integers are plain integers here.
  mutating func text(of field: FieldSchema, mayBeEmpty: Bool) -> JSONTree {
    if let wrapped = field.message?.wrappedField { return text(of: wrapped, mayBeEmpty: mayBeEmpty) }
    switch field.kind {
    case .int64, .sint64, .sfixed64: return Self.integer("int64", .min, .max)
    case .uint64, .fixed64:
      var tree = Self.typed("integer")
      tree.set("format", to: "uint64")
      tree.set("minimum", to: 0)
      tree.set("maximum", to: .integer(UInt64.max))
      return tree
    case .string: return mayBeEmpty ? Self.typed("string") : pathText(mayBeEmpty: false)
    case .double, .float, .int32, .fixed32, .bool, .group, .message, .bytes, .uint32, .enumeration, .sfixed32, .sint32:
      return value(of: field)
    }
  }

  /// A piece of a path. A segment that a `*` matches is never empty.
  func pathText(mayBeEmpty: Bool) -> JSONTree {
    var tree = Self.typed("string")
    if !mayBeEmpty { tree.set("minLength", to: 1) }
    return tree
  }
}
