internal import HTTPRule
internal import ProtobufSchema

/// One rule with its names resolved: what an operation is written from.
struct OpenAPIRoute: Sendable {
  let method: MethodSchema
  let httpMethod: HTTPRuleDeclaration.Method
  let template: PathTemplate
  /// The fields of each path variable, in the order of `template.variables`.
  let variables: [[FieldSchema]]
  let body: Body
  /// The field of the response that is the body, nil for the whole message.
  let responseBody: FieldSchema?
  /// From 1, counted among the routes of one method.
  var binding: Int
  let isAutomatic: Bool

  enum Body: Sendable {
    case none
    case whole
    case field([FieldSchema])
  }

  /// Resolves every declaration and sorts the routes by their place in the schema.
  static func resolve(_ declarations: [HTTPRuleDeclaration], in schema: Schema) throws(HTTPRuleErrors) -> [Self] {
    var errors: [HTTPRuleError] = []
    var routesByMethod: [String: [Self]] = [:]
    for declaration in declarations {
      do throws(HTTPRuleError) {
        let route = try OpenAPIRoute(declaration, in: schema)
        routesByMethod[route.method.fullName, default: []].append(route)
      } catch {
        errors.append(error)
      }
    }
    guard errors.isEmpty else { throw HTTPRuleErrors(errors: errors) }
    return schema.services.flatMap(\.methods).flatMap { method -> [Self] in
      let all = routesByMethod[method.fullName] ?? []
      let written = all.filter { !$0.isAutomatic }
      return (written.isEmpty ? all : written).enumerated().map { index, route in
        var numbered = route
        numbered.binding = index + 1
        return numbered
      }
    }
  }

  private init(_ declaration: HTTPRuleDeclaration, in schema: Schema) throws(HTTPRuleError) {
    func fault(_ message: String) -> HTTPRuleError { HTTPRuleError(origin: declaration.origin, message: message) }
    func fields(_ path: [String], of message: MessageSchema) throws(HTTPRuleError) -> [FieldSchema] {
      var fields: [FieldSchema] = []
      var next: MessageSchema? = message
      for name in path {
        guard let field = next?.field(jsonOrProtoName: name) else {
          throw fault("\(message.fullName) has no field \"\(path.joined(separator: "."))\"")
        }
        fields.append(field)
        next = field.cardinality == .singular ? field.message : nil
      }
      return fields
    }

    guard let method = schema.method(named: declaration.selector) else {
      throw fault("the schema has no method \"\(declaration.selector)\"")
    }
    let template: PathTemplate
    do throws(PathTemplateError) {
      template = try PathTemplate(parsing: declaration.template)
    } catch {
      throw fault("\(error)")
    }
    self.method = method
    self.template = template
    httpMethod = declaration.method
    var variables: [[FieldSchema]] = []
    for variable in template.variables { variables.append(try fields(variable.fieldPath, of: method.input)) }
    self.variables = variables
    switch declaration.body {
    case .none: body = .none
    case .whole: body = .whole
    case .field(let path): body = .field(try fields(path.split(separator: ".").map(String.init), of: method.input))
    }
    responseBody = try declaration.responseBody.map { name throws(HTTPRuleError) in
      try fields([name], of: method.output)[0]
    }
    binding = 1
    isAutomatic = declaration.origin == .automatic
  }

  /// The fields that the path binds, which a body may not set.
  var boundPaths: [[FieldSchema]] { variables }

  var isStreaming: Bool { method.clientStreaming || method.serverStreaming }

  /// How the method is called in gRPC's own words.
  var mode: String {
    switch (method.clientStreaming, method.serverStreaming) {
    case (false, false): "unary"
    case (false, true): "server-streaming"
    case (true, false): "client-streaming"
    case (true, true): "bidi-streaming"
    }
  }
}
