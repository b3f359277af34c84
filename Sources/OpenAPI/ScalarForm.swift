internal import JSONTree

/// A scalar whose JSON form takes more than a word to say, by its proto keyword.
enum ScalarForm: String {
  case int64
  case uint64
  case float
  case double
  case bytes

  func tree() -> JSONTree {
    switch self {
    case .int64: text("A 64-bit integer as a string, because JSON readers lose digits beyond 2^53.", format: "int64")
    case .uint64:
      text("An unsigned 64-bit integer as a string, because JSON readers lose digits beyond 2^53.", format: "uint64")
    case .float: number("A 32-bit floating point number.", maximum: Double(Float.greatestFiniteMagnitude))
    case .double: number("A 64-bit floating point number.", maximum: Double.greatestFiniteMagnitude)
    case .bytes: text("Bytes in base64; the URL-safe alphabet and missing padding are read too.", format: nil)
    }
  }

  var pattern: String? {
    switch self {
    case .int64: "^(0|-?[1-9][0-9]{0,18})$"
    case .uint64: "^(0|[1-9][0-9]{0,19})$"
    case .bytes: "^([A-Za-z0-9+/_-]{4})*([A-Za-z0-9+/_-]{2}(==)?|[A-Za-z0-9+/_-]{3}=?)?$"
    case .float, .double: nil
    }
  }

  private func text(_ description: String, format: String?) -> JSONTree {
    var tree = SchemaComponents.typed("string")
    tree.set("description", to: description)
    if let format { tree.set("format", to: format) }
    if self == .bytes { tree.set("contentEncoding", to: "base64") }
    if let pattern { tree.set("pattern", to: pattern) }
    return tree
  }

  /// A number, or the name of a value for which JSON has no number.
  private func number(_ description: String, maximum: Double) -> JSONTree {
    var finite = SchemaComponents.typed("number")
    finite.set("format", to: rawValue)
    if self == .float {
      finite.set("minimum", to: .double(-maximum))
      finite.set("maximum", to: .double(maximum))
    }
    var names = SchemaComponents.typed("string")
    names.set("enum", to: ["NaN", "Infinity", "-Infinity"])
    var choices = JSONTree.array()
    choices.append(finite)
    choices.append(names)
    var tree = JSONTree.object()
    tree.set("description", to: description)
    tree.set("anyOf", to: choices)
    return tree
  }
}
