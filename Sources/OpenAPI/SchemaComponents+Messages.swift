internal import JSONTree
internal import ProtobufSchema

/// Messages as JSON objects, and their fields.
extension SchemaComponents {
  /// The schema of a whole message where it is a body or an item of a stream; `nil` for `google.api.HttpBody`, which
  /// is bytes.
  ///
  /// A wrapper is its bare value and, unlike a field of its type, never `null`.
  mutating func body(_ message: MessageSchema) -> JSONTree? {
    if message.isHTTPBody { return nil }
    if let wrapped = message.wrappedField { return value(of: wrapped) }
    return reference(to: message)
  }

  /// The schema of a message whose fields at `bound` come from the path. `name` is the component's.
  ///
  /// Nil when nothing is left for the body.
  mutating func body(_ message: MessageSchema, without bound: [[FieldSchema]], name: String) -> JSONTree? {
    if bound.isEmpty || message.isHTTPBody { return body(message) }
    if message.wellKnown != nil { return message.wellKnown?.isWrapper == true ? nil : body(message) }
    return reference(to: name, .partialMessage(message, without: bound))
  }

  /// The schema of a field with its comment.
  mutating func property(_ field: FieldSchema) -> JSONTree {
    var tree = schema(of: field)
    var notes = [field.documentation]
    if let oneof = field.oneof { notes.append("At most one field of `\(oneof.name)` is set.") }
    let description = notes.filter { !$0.isEmpty }.joined(separator: "\n\n")
    if !description.isEmpty { tree.set("description", to: description) }
    if field.isDeprecated { tree.set("deprecated", to: true) }
    return tree
  }

  /// The schema of a field without its comment.
  mutating func schema(of field: FieldSchema) -> JSONTree {
    switch field.cardinality {
    case .singular: return nullable(field) ?? value(of: field)
    case .repeated:
      var tree = JSONTree.object()
      tree.set("type", to: "array")
      tree.set("items", to: value(of: field))
      return tree
    case .map:
      var tree = JSONTree.object()
      tree.set("type", to: "object")
      if let key = field.mapKey, let pattern = Self.keyPattern(key.kind) {
        var names = JSONTree.object()
        names.set("pattern", to: pattern)
        tree.set("propertyNames", to: names)
      }
      if let element = field.mapValue { tree.set("additionalProperties", to: value(of: element)) }
      return tree
    }
  }

  /// One value of a field, whatever its cardinality.
  mutating func value(of field: FieldSchema) -> JSONTree {
    switch field.kind {
    case .message, .group:
      guard let message = field.message else { return .object() }
      if let wrapped = message.wrappedField { return value(of: wrapped) }
      return reference(to: message)
    case .enumeration:
      guard let enumeration = field.enumeration else { return .object() }
      return reference(to: enumeration)
    case .bool: return Self.typed("boolean")
    case .string: return Self.typed("string")
    case .int32, .sint32, .sfixed32: return Self.integer("int32", Int64(Int32.min), Int64(Int32.max))
    case .uint32, .fixed32: return Self.integer("uint32", 0, Int64(UInt32.max))
    case .int64, .sint64, .sfixed64: return reference(to: .int64)
    case .uint64, .fixed64: return reference(to: .uint64)
    case .float: return reference(to: .float)
    case .double: return reference(to: .double)
    case .bytes: return reference(to: .bytes)
    }
  }

  /// A wrapper's field: absent and `null` are the same.
  private mutating func nullable(_ field: FieldSchema) -> JSONTree? {
    guard let wrapped = field.message?.wrappedField else { return nil }
    var value = value(of: wrapped)
    if let type = value.member("type")?.string {
      value.set("type", to: [type, "null"])
      return value
    }
    var choices = JSONTree.array()
    choices.append(value)
    choices.append(Self.typed("null"))
    var tree = JSONTree.object()
    tree.set("anyOf", to: choices)
    return tree
  }

  mutating func describe(_ message: MessageSchema) -> JSONTree {
    message.wellKnown.map { describe($0) } ?? object(message, without: [])
  }

  /// A message as an object, less the fields that a path binds.
  mutating func object(_ message: MessageSchema, without bound: [[FieldSchema]]) -> JSONTree {
    var tree = JSONTree.object()
    tree.set("title", to: message.name)
    let comment = CommentText(message.comments)
    if !comment.isEmpty { tree.set("description", to: comment.whole) }
    if message.isDeprecated { tree.set("deprecated", to: true) }
    tree.set("type", to: "object")

    var properties = JSONTree.object()
    var required: [String] = []
    for field in message.fields + message.extensions {
      let below = bound.filter { $0.first == field }
      if below.contains(where: { $0.count == 1 }) { continue }
      let name = propertyName(field)
      if let nested = field.message, !below.isEmpty {
        properties.set(name, to: object(nested, without: below.map { Array($0.dropFirst()) }))
      } else {
        properties.set(name, to: property(field))
      }
      if field.isRequired { required.append(name) }
    }
    if properties.count > 0 { tree.set("properties", to: properties) }
    if !required.isEmpty { tree.set("required", to: required) }
    addExclusions(message, to: &tree)
    if !options.ignoresUnknownFields { tree.set("additionalProperties", to: false) }
    return tree
  }

  func propertyName(_ field: FieldSchema) -> String {
    options.protoFieldNames && !field.isExtension ? field.name : field.jsonName
  }

  /// Each oneof as "exactly one of its members, or none of them".
  private func addExclusions(_ message: MessageSchema, to tree: inout JSONTree) {
    var exclusions = JSONTree.array()
    for oneof in message.oneofs where !oneof.isSynthetic && oneof.fields.count > 1 {
      var choices = JSONTree.array()
      var members = JSONTree.array()
      for field in oneof.fields {
        choices.append(Self.requiring(propertyName(field)))
        members.append(Self.requiring(propertyName(field)))
      }
      var any = JSONTree.object()
      any.set("anyOf", to: members)
      var none = JSONTree.object()
      none.set("not", to: any)
      choices.append(none)
      var exclusion = JSONTree.object()
      exclusion.set("oneOf", to: choices)
      exclusions.append(exclusion)
    }
    if exclusions.count > 0 { tree.set("allOf", to: exclusions) }
  }

  private static func requiring(_ name: String) -> JSONTree {
    var tree = JSONTree.object()
    tree.set("required", to: [name])
    return tree
  }

  static func typed(_ type: String) -> JSONTree {
    var tree = JSONTree.object()
    tree.set("type", to: type)
    return tree
  }

  static func integer(_ format: String, _ minimum: Int64, _ maximum: Int64) -> JSONTree {
    var tree = typed("integer")
    tree.set("format", to: format)
    tree.set("minimum", to: .integer(minimum))
    tree.set("maximum", to: .integer(maximum))
    return tree
  }

  /// Map keys are always strings in JSON; those of numbers and booleans hold their text.
  private static func keyPattern(_ kind: FieldKind) -> String? {
    switch kind {
    case .bool: "^(true|false)$"
    case .int32, .sint32, .sfixed32: "^(0|-?[1-9][0-9]{0,9})$"
    case .uint32, .fixed32: "^(0|[1-9][0-9]{0,9})$"
    case .int64, .sint64, .sfixed64: ScalarForm.int64.pattern
    case .uint64, .fixed64: ScalarForm.uint64.pattern
    case .string, .double, .float, .bytes, .message, .group, .enumeration: nil
    }
  }
}

extension MessageSchema {
  /// The one field of a `google.protobuf` wrapper, whose value stands for the message.
  var wrappedField: FieldSchema? { wellKnown?.isWrapper == true ? field(number: 1) : nil }

  /// `google.api.HttpBody`: raw bytes with their own content type.
  var isHTTPBody: Bool { fullName == "google.api.HttpBody" }
}
