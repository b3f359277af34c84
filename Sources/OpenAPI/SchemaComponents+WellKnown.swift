internal import JSONTree
internal import ProtobufSchema

/// Enums, the error object, and the messages that ProtoJSON writes in a form of their own.
extension SchemaComponents {
  func describe(_ wellKnown: WellKnownType) -> JSONTree {
    switch wellKnown {
    case .timestamp:
      var tree = Self.described("string", "A point in time, RFC 3339: `2026-01-31T12:00:00.5Z`.")
      tree.set("format", to: "date-time")
      return tree
    case .duration:
      var tree = Self.described("string", "A span of time in seconds with at most nine decimals: `1.5s`.")
      tree.set("pattern", to: Self.durationPattern)
      return tree
    case .fieldMask:
      var tree = Self.described("string", "Paths of fields in their JSON names, with commas between them.")
      tree.set("pattern", to: Self.fieldMaskPattern)
      return tree
    case .any:
      var type = Self.described("string", "The type of the message: `type.googleapis.com/` and its full name.")
      type.set("format", to: "uri-reference")
      var properties = JSONTree.object()
      properties.set("@type", to: type)
      var tree = Self.described(
        "object",
        "A message of any type: its fields beside `@type`; types with a JSON form of their own have it in `value`.")
      tree.set("properties", to: properties)
      tree.set("additionalProperties", to: true)
      return tree
    case .structure:
      var tree = Self.described("object", "Any JSON object.")
      tree.set("additionalProperties", to: true)
      return tree
    case .value:
      var tree = JSONTree.object()
      tree.set("description", to: "Any JSON value.")
      return tree
    case .listValue:
      var tree = Self.described("array", "Any JSON array.")
      tree.set("items", to: .object())
      return tree
    case .empty:
      var tree = Self.described("object", "An object without members.")
      if !options.ignoresUnknownFields { tree.set("additionalProperties", to: false) }
      return tree
    case .boolValue: return Self.typed("boolean")
    case .stringValue: return Self.typed("string")
    case .int32Value, .uint32Value: return Self.typed("integer")
    case .int64Value: return ScalarForm.int64.tree()
    case .uint64Value: return ScalarForm.uint64.tree()
    case .floatValue: return ScalarForm.float.tree()
    case .doubleValue: return ScalarForm.double.tree()
    case .bytesValue: return ScalarForm.bytes.tree()
    }
  }

  /// 315,576,000,000 s, about 10,000 years, is the most a duration holds (`duration.proto`).
  static let durationPattern = "^-?(0|[1-9][0-9]{0,10}|[12][0-9]{11})(\\.[0-9]{1,9})?s$"

  /// JSON names only: a mask's underscores do not survive the way to JSON and back (`field_mask.proto`).
  static let fieldMaskPattern = "^([A-Za-z][A-Za-z0-9.]*(,[A-Za-z][A-Za-z0-9.]*)*)?$"

  /// Names; of an open enum also any number, which is how a value without a name is printed.
  func describe(_ enumeration: EnumSchema) -> JSONTree {
    if enumeration.isNullValue { return Self.typed("null") }
    var names = Self.typed("string")
    names.set("enum", to: enumeration.values.map(\.name))

    var tree = JSONTree.object()
    tree.set("title", to: enumeration.name)
    let lines = enumeration.values.map { value in
      let comment = CommentText(value.comments).whole.replacing("\n", with: " ")
      return "- `\(value.name)` = \(value.number)\(comment.isEmpty ? "" : ": \(comment)")"
    }
    let comment = CommentText(enumeration.comments).whole
    tree.set(
      "description", to: ([comment] + [lines.joined(separator: "\n")]).filter { !$0.isEmpty }.joined(separator: "\n\n"))
    if enumeration.isDeprecated { tree.set("deprecated", to: true) }
    if enumeration.isClosed && !options.enumsAsNumbers {
      tree.set("type", to: "string")
      tree.set("enum", to: enumeration.values.map(\.name))
      return tree
    }
    let number = Self.integer("int32", Int64(Int32.min), Int64(Int32.max))
    var choices = JSONTree.array()
    if options.enumsAsNumbers {
      choices.append(number)
      choices.append(names)
    } else {
      choices.append(names)
      choices.append(number)
    }
    tree.set("anyOf", to: choices)
    return tree
  }

  /// The shape of AIP-193, which every error of the gateway and of the upstream has, or the bare status.
  mutating func errorBody() -> JSONTree {
    guard !options.bareStatusErrors else { return statusBody("The one shape of every error: `google.rpc.Status`.") }
    var code = Self.described("integer", "The HTTP status.")
    code.set("format", to: "int32")
    var status = Self.described("string", "The name of the gRPC code.")
    let names = schema.enumeration(named: "google.rpc.Code")?.values.map(\.name).filter { $0 != "OK" } ?? []
    if !names.isEmpty { status.set("enum", to: names) }
    var details = Self.described("array", "What is known beyond the message, such as a `google.rpc.BadRequest`.")
    details.set("items", to: anyReference())

    var properties = JSONTree.object()
    properties.set("code", to: code)
    properties.set("message", to: Self.described("string", "What went wrong, for people."))
    properties.set("status", to: status)
    properties.set("details", to: details)
    var error = Self.typed("object")
    error.set("properties", to: properties)
    error.set("required", to: ["code", "message", "status"])

    var members = JSONTree.object()
    members.set("error", to: error)
    var tree = Self.described("object", "The one shape of every error.")
    tree.set("properties", to: members)
    tree.set("required", to: ["error"])
    return tree
  }

  /// A `google.rpc.Status` as JSON.
  private mutating func statusBody(_ description: String) -> JSONTree {
    var code = Self.described("integer", "The gRPC code.")
    code.set("format", to: "int32")
    var details = Self.described("array", "What is known beyond the message, such as a `google.rpc.BadRequest`.")
    details.set("items", to: anyReference())
    var properties = JSONTree.object()
    properties.set("code", to: code)
    properties.set("message", to: Self.described("string", "What went wrong, for people."))
    properties.set("details", to: details)
    var tree = Self.described("object", description)
    tree.set("properties", to: properties)
    tree.set("required", to: ["code", "message"])
    return tree
  }

  /// One item of a stream in its envelope: a message, or the error that ends the stream.
  mutating func envelope(of item: consuming JSONTree) -> JSONTree {
    var properties = JSONTree.object()
    properties.set("result", to: item)
    properties.set("error", to: statusBody("The error that ends the stream, as `google.rpc.Status`."))
    var tree = Self.described("object", "Exactly one of `result` and `error`.")
    tree.set("properties", to: properties)
    return tree
  }

  private mutating func anyReference() -> JSONTree {
    guard let any = schema.message(named: WellKnownType.any.fullName) else { return Self.typed("object") }
    return reference(to: any)
  }

  static func described(_ type: String, _ description: String) -> JSONTree {
    var tree = typed(type)
    tree.set("description", to: description)
    return tree
  }
}
