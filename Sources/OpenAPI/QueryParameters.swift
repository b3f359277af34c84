internal import JSONTree
internal import ProtobufSchema

/// The query parameters of a route: every field that neither the path nor the body holds (`google/api/http.proto`).
///
/// Nested messages are taken apart into `a.b.c`; a type inside itself is not entered again. Lists of scalars are
/// repeated, maps are `m[key]=value`. Lists of messages, `Any`, `Struct`, `Value` and `ListValue` have no text form
/// and are left out.
struct QueryParameters {
  struct Parameter {
    let path: [FieldSchema]
    /// Whether the field, or any of those that lead to it, is deprecated.
    var isDeprecated: Bool { path.contains(where: \.isDeprecated) }
  }

  /// More would drown the operation; further fields still work, undescribed.
  static let maximumCount = 500

  private let skipped: [[FieldSchema]]
  private(set) var parameters: [Parameter] = []

  /// - Parameters:
  ///   - message: the request, nil when its body leaves nothing to the query.
  ///   - skipped: the fields of path and body.
  init(of message: MessageSchema?, skipping skipped: [[FieldSchema]]) {
    self.skipped = skipped
    guard let message else { return }
    collect(message.fields, of: [message], path: [])
  }

  private mutating func collect(_ fields: [FieldSchema], of owners: [MessageSchema], path: [FieldSchema]) {
    for field in fields where parameters.count < Self.maximumCount {
      let next = path + [field]
      if skipped.contains(next) { continue }
      switch field.cardinality {
      case .map:
        if let value = field.mapValue, value.hasTextForm { parameters.append(Parameter(path: next)) }
      case .repeated:
        if field.hasTextForm { parameters.append(Parameter(path: next)) }
      case .singular:
        if field.hasTextForm {
          parameters.append(Parameter(path: next))
        } else if let message = field.message, message.wellKnown == nil, !owners.contains(message) {
          collect(message.fields, of: owners + [message], path: next)
        }
      }
    }
  }

  func trees(components: inout SchemaComponents, into list: inout JSONTree) {
    for parameter in parameters { list.append(tree(of: parameter, components: &components)) }
  }

  private func tree(of parameter: Parameter, components: inout SchemaComponents) -> JSONTree {
    guard let field = parameter.path.last else { return .object() }
    var tree = JSONTree.object()
    tree.set("name", to: parameter.path.map { components.propertyName($0) }.joined(separator: "."))
    tree.set("in", to: "query")
    var notes = [field.documentation]
    if let oneof = field.oneof { notes.append("At most one field of `\(oneof.name)` may be given.") }
    let description = notes.filter { !$0.isEmpty }.joined(separator: "\n\n")
    if !description.isEmpty { tree.set("description", to: description) }
    if field.isRequired, parameter.path.count == 1 { tree.set("required", to: true) }
    if parameter.isDeprecated { tree.set("deprecated", to: true) }

    switch field.cardinality {
    case .singular:
      tree.set("schema", to: components.text(of: field, mayBeEmpty: true))
    case .repeated:
      var schema = SchemaComponents.typed("array")
      schema.set("items", to: components.text(of: field, mayBeEmpty: true))
      tree.set("style", to: "form")
      tree.set("explode", to: true)
      tree.set("schema", to: schema)
    case .map:
      var schema = SchemaComponents.typed("object")
      if let value = field.mapValue {
        schema.set("additionalProperties", to: components.text(of: value, mayBeEmpty: true))
      }
      tree.set("style", to: "deepObject")
      tree.set("explode", to: true)
      tree.set("schema", to: schema)
    }
    return tree
  }
}

extension FieldSchema {
  /// Whether one value of the field can be written as plain text.
  var hasTextForm: Bool {
    guard kind == .message || kind == .group else { return enumeration?.isNullValue != true }
    guard let wellKnown = message?.wellKnown else { return false }
    switch wellKnown {
    case .timestamp, .duration, .fieldMask: return true
    case .any, .structure, .value, .listValue, .empty: return false
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue, .uint32Value,
      .uint64Value:
      return true
    }
  }
}
