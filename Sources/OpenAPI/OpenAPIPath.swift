internal import HTTPRule
internal import JSONTree
internal import ProtobufSchema

/// A path template as OpenAPI writes it, with one parameter for each segment that varies.
///
///     /v1/orders/{value}                  -> /v1/orders/{value}
///     /v1/orders:search                   -> /v1/orders:search
///     /v1/{name=shelves/*/books/*}:move   -> /v1/shelves/{shelf}/books/{book}:move
///     /v1/{name=files/**}                 -> /v1/files/{name}
///     /v1/*/items                         -> /v1/{segment}/items
///
/// A variable of one segment keeps its name. In one of several, a `*` is named after the literal before it, in the
/// singular (gnostic's rule), a `**` after the variable. OpenAPI has no parameter that may hold a slash, so `**` is
/// marked with `x-google-multi-segment`; and a part of a variable says with `x-google-field` which field it fills.
struct OpenAPIPath {
  struct Parameter {
    let name: String
    /// The fields of the variable it belongs to; empty for a `*` outside of any variable.
    let fields: [FieldSchema]
    /// How the variable is put together, when this is only a part of it: `shelves/{shelf}/books/{book}`.
    let composition: String?
    /// Whether slashes may stand in it.
    let isMultiSegment: Bool
  }

  let text: String
  let parameters: [Parameter]
  /// The path without its parameters' names: OpenAPI holds two paths of one key for the same path.
  let key: String

  init(_ route: OpenAPIRoute) {
    let template = route.template
    var names: [Int: String] = [:]
    var used: Set<String> = []
    for (index, segment) in template.segments.enumerated() where segment != .literal(Self.literal(segment)) {
      let name = Self.unused(Self.name(of: index, in: template), among: used)
      names[index] = name
      used.insert(name)
    }

    let pieces = template.segments.enumerated().map { index, segment in
      names[index].map { "{\($0)}" } ?? Self.encoded(Self.literal(segment))
    }
    let verb = template.verb.map { ":" + Self.encoded($0) } ?? ""
    text = "/" + pieces.joined(separator: "/") + verb
    key = "/" + pieces.map { $0.hasPrefix("{") ? "{}" : $0 }.joined(separator: "/") + verb
    parameters = names.keys.sorted().map { index in
      let owner = template.variables.firstIndex { $0.segments.contains(index) }
      let composition = owner.flatMap { owner -> String? in
        let segments = template.variables[owner].segments
        return segments.count == 1 ? nil : pieces[segments].joined(separator: "/")
      }
      return Parameter(
        name: names[index] ?? "", fields: owner.map { route.variables[$0] } ?? [], composition: composition,
        isMultiSegment: template.segments[index] == .doubleWildcard)
    }
  }

  private init(text: String, parameters: [Parameter], key: String) {
    self.text = text
    self.parameters = parameters
    self.key = key
  }

  /// This path with the parameter names of another one of the same key.
  func renamed(like other: OpenAPIPath) -> OpenAPIPath {
    let newNames = Dictionary(
      uniqueKeysWithValues: zip(parameters, other.parameters).map { ("{\($0.name)}", "{\($1.name)}") })
    let renamed = zip(parameters, other.parameters).map { mine, theirs in
      let composition = mine.composition.map { composition in
        composition.split(separator: "/").map { newNames[String($0)] ?? String($0) }.joined(separator: "/")
      }
      return Parameter(
        name: theirs.name, fields: mine.fields, composition: composition, isMultiSegment: mine.isMultiSegment)
    }
    return OpenAPIPath(text: other.text, parameters: renamed, key: key)
  }

  func parameterTrees(components: inout SchemaComponents, into list: inout JSONTree) {
    for parameter in parameters { list.append(tree(of: parameter, components: &components)) }
  }

  private func tree(of parameter: Parameter, components: inout SchemaComponents) -> JSONTree {
    var tree = JSONTree.object()
    tree.set("name", to: parameter.name)
    tree.set("in", to: "path")
    tree.set("required", to: true)
    let fieldPath = parameter.fields.map(\.name).joined(separator: ".")
    var notes = [parameter.fields.last?.documentation ?? ""]
    if let composition = parameter.composition, composition != "{\(parameter.name)}" {
      notes.append("Part of `\(fieldPath)`, which is `\(composition)`.")
    }
    if parameter.isMultiSegment { notes.append("May hold several segments, with `/` between them.") }
    let description = notes.filter { !$0.isEmpty }.joined(separator: "\n\n")
    if !description.isEmpty { tree.set("description", to: description) }
    if let field = parameter.fields.last, parameter.composition == nil {
      tree.set("schema", to: components.text(of: field, mayBeEmpty: parameter.isMultiSegment))
    } else {
      tree.set("schema", to: components.pathText(mayBeEmpty: parameter.isMultiSegment))
    }
    if !fieldPath.isEmpty, fieldPath != parameter.name { tree.set("x-google-field", to: fieldPath) }
    if parameter.isMultiSegment { tree.set("x-google-multi-segment", to: true) }
    return tree
  }

  // MARK: Names

  private static func literal(_ segment: PathTemplate.Segment) -> String {
    switch segment {
    case .literal(let text): text
    case .wildcard, .doubleWildcard: ""
    }
  }

  private static func name(of index: Int, in template: PathTemplate) -> String {
    guard let variable = template.variables.first(where: { $0.segments.contains(index) }) else { return "segment" }
    if variable.segments.count == 1 || template.segments[index] == .doubleWildcard { return variable.name }
    if index > variable.segments.lowerBound, case .literal(let collection) = template.segments[index - 1],
      !collection.isEmpty
    {
      return singular(collection)
    }
    return variable.name
  }

  private static func unused(_ name: String, among used: Set<String>) -> String {
    var number = 1
    var candidate = name
    while used.contains(candidate) {
      number += 1
      candidate = "\(name)\(number)"
    }
    return candidate
  }

  private static func singular(_ plural: String) -> String {
    if plural.hasSuffix("ves") { return plural.dropLast(3) + "f" }
    if plural.hasSuffix("ies") { return plural.dropLast(3) + "y" }
    if plural.hasSuffix("s") { return String(plural.dropLast()) }
    return plural
  }

  /// A literal is kept decoded in the template; a path shows it encoded, and braces would begin a parameter.
  private static func encoded(_ literal: String) -> String {
    let hexadecimal = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in literal.utf8 {
      switch Unicode.Scalar(byte) {
      case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "!", "$", "&", "'", "(", ")", "*", "+", ",", ";", "=",
        ":", "@":
        text.append(byte)
      default: text += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
