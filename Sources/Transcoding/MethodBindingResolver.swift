internal import HTTPRule
internal import ProtobufSchema

/// Resolves one declaration against the schema and collects everything that is wrong with it.
///
/// Faults say the rule and the reason; the declaration's origin says where it was written.
struct MethodBindingResolver {
  let schema: Schema
  /// Whether every method should be there.
  let isWhole: Bool
  private(set) var errors: [HTTPRuleError] = []
  private(set) var warnings: [HTTPRuleError] = []

  init(schema: Schema, isWhole: Bool) {
    self.schema = schema
    self.isWhole = isWhole
  }

  /// The resolved rule, or nil after at least one more error.
  mutating func resolve(_ declaration: HTTPRuleDeclaration) -> ResolvedRule? {
    let known = errors.count
    guard let method = schema.method(named: declaration.selector) else {
      if isWhole { fail(declaration, unknownMethod(declaration.selector)) }
      // The template can be checked without its method.
      _ = template(of: declaration)
      return nil
    }
    let httpMethod = httpMethod(of: declaration)
    let template = template(of: declaration)
    let variables = template.map { self.variables(of: $0, in: method.input, declaration) } ?? []
    let body = body(of: declaration, method)
    let responseBody = responseBody(of: declaration, method)
    checkOverlap(of: variables, with: body, declaration)
    guard errors.count == known, let httpMethod, let template else { return nil }
    return ResolvedRule(
      method: method, declaration: declaration, httpMethod: httpMethod, template: template, variables: variables,
      body: body, responseBody: responseBody, mask: mask(of: method, httpMethod, body))
  }

  private mutating func fail(_ declaration: HTTPRuleDeclaration, _ message: String) {
    let rule = "\(declaration.method) \(declaration.template) for \(declaration.selector)"
    errors.append(HTTPRuleError(origin: declaration.origin, message: "\(rule): \(message)"))
  }

  private func unknownMethod(_ selector: String) -> String {
    if selector.contains("*") || selector.contains(",") {
      return "a selector names one method; patterns and lists are not possible, their paths would clash"
    }
    let names = schema.services.flatMap { $0.methods.map(\.fullName) }
    let hint = NearMiss.nearest(to: selector, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    return "no such method\(hint)"
  }

  private mutating func httpMethod(of declaration: HTTPRuleDeclaration) -> MethodPattern? {
    let kind = declaration.method.description
    guard let pattern = MethodPattern(custom: kind) else {
      fail(declaration, "\"\(kind)\" is not an HTTP method")
      return nil
    }
    // http.proto speaks of bodies "for HTTP methods that allow a request body".
    if declaration.body != .none, ["GET", "HEAD"].contains(kind) {
      let message = "\(kind) \(declaration.template): a body has no meaning in \(kind) and many callers cannot send one"
      warnings.append(HTTPRuleError(origin: declaration.origin, message: message))
    }
    if !pattern.isSpoken {
      let message =
        "\(kind) \(declaration.template): callers cannot reach it, since \(kind) is no method of HTTP/1.1 here"
      warnings.append(HTTPRuleError(origin: declaration.origin, message: message))
    }
    return pattern
  }

  private mutating func template(of declaration: HTTPRuleDeclaration) -> PathTemplate? {
    do {
      return try PathTemplate(parsing: declaration.template)
    } catch {
      fail(declaration, "column \(error.column) of the path: \(error.message)")
      return nil
    }
  }

  // MARK: - Path

  private mutating func variables(
    of template: PathTemplate, in message: MessageSchema, _ declaration: HTTPRuleDeclaration
  ) -> [FieldPath] {
    var found: [FieldPath] = []
    for variable in template.variables {
      do {
        let path = try FieldPath(resolving: variable.fieldPath, in: message)
        if let reason = unbindable(path) {
          fail(declaration, "the path variable \"\(variable.name)\" \(reason)")
        } else if found.contains(path) {
          fail(declaration, "the field \"\(path)\" is bound by two path variables")
        } else if let other = found.first(where: { Self.exclude($0, path) }) {
          fail(declaration, "the path variables \"\(other)\" and \"\(path)\" belong to one oneof")
        } else {
          found.append(path)
        }
      } catch {
        let hint = error.suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
        fail(declaration, "the path variable \"\(variable.name)\": \(error.message)\(hint)")
      }
    }
    return found
  }

  /// http.proto: "Fields mapped to the path pattern cannot be repeated and must have a primitive type".
  private func unbindable(_ path: FieldPath) -> String? {
    guard let field = path.fields.last else { return "is empty" }
    switch field.cardinality {
    case .repeated: return "is a repeated field"
    case .map: return "is a map"
    case .singular: return field.isTextual ? nil : "is a message (\(field.typeName)), which has no text form"
    }
  }

  /// Whether the two paths go through different members of one oneof.
  static func exclude(_ first: FieldPath, _ second: FieldPath) -> Bool {
    for (a, b) in zip(first.fields, second.fields) where a != b {
      return a.oneof != nil && a.oneof == b.oneof
    }
    return false
  }

  // MARK: - Body

  private mutating func body(of declaration: HTTPRuleDeclaration, _ method: MethodSchema) -> BodyBinding {
    switch declaration.body {
    case .none: return .none
    case .whole: return .whole
    case .field(let name):
      guard let field = topLevelField(name, of: method.input, "body", declaration) else { return .none }
      if field.cardinality != .singular, method.clientStreaming {
        fail(declaration, "the body field \"\(name)\" is \(field.isMap ? "a map" : "repeated"), and the body a stream")
      }
      return .field(field)
    }
  }

  private mutating func responseBody(of declaration: HTTPRuleDeclaration, _ method: MethodSchema) -> FieldSchema? {
    declaration.responseBody.flatMap { topLevelField($0, of: method.output, "response_body", declaration) }
  }

  /// http.proto: "the referred field must be present at the top-level of the request message type".
  private mutating func topLevelField(
    _ name: String, of message: MessageSchema, _ what: String, _ declaration: HTTPRuleDeclaration
  ) -> FieldSchema? {
    if let field = message.field(jsonOrProtoName: name) { return field }
    if name.contains(".") {
      fail(declaration, "\(what) is \"\(name)\", but must be a field at the top level of \(message.fullName)")
    } else {
      let hint = message.nearestFieldName(to: name).map { "; did you mean \"\($0)\"?" } ?? ""
      fail(declaration, "\(what) is \"\(name)\", but \(message.fullName) has no such field\(hint)")
    }
    return nil
  }

  private mutating func checkOverlap(
    of variables: [FieldPath], with body: BodyBinding, _ declaration: HTTPRuleDeclaration
  ) {
    guard case .field(let field) = body else { return }
    for variable in variables {
      if variable.fields == [field] {
        fail(declaration, "the field \"\(field.name)\" is both the body and a path variable")
      } else if Self.exclude(variable, FieldPath(fields: [field])) {
        fail(declaration, "the path variable \"\(variable)\" and the body field \"\(field.name)\" belong to one oneof")
      }
    }
  }

  /// AIP-134: the mask of an update may be left out, and then names what was sent.
  private func mask(of method: MethodSchema, _ httpMethod: MethodPattern, _ body: BodyBinding) -> FieldSchema? {
    guard httpMethod == .patch, !method.clientStreaming, case .field(let field) = body,
      field.cardinality == .singular, let message = field.message, message.wellKnown == nil
    else { return nil }
    let masks = method.input.fields.filter { $0.message?.wellKnown == .fieldMask && $0.cardinality == .singular }
    return masks.count == 1 ? masks[0] : nil
  }
}
