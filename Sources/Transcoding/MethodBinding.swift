public import HTTPRule
internal import ProtobufJSON
public import ProtobufSchema

/// One HTTP binding of one method, resolved against the schema: what its path, query and body mean.
///
/// Made at start-up by `MethodBindingResolver`, which has checked everything that does not depend on a request.
/// Immutable, and used from every event loop.
public final class MethodBinding: Sendable {
  public let method: MethodSchema
  public let mode: StreamingMode
  /// The rule as it was written.
  public let declaration: HTTPRuleDeclaration
  public let httpMethod: MethodPattern
  public let template: PathTemplate
  public let body: BodyBinding
  /// The field of the response message that is the HTTP body, nil for the whole message.
  public let responseBody: FieldSchema?
  /// Whether the request's body is the `data` of a `google.api.HttpBody` and no JSON.
  public let requestBodyIsRaw: Bool
  /// Whether the response's body is the `data` of a `google.api.HttpBody` and no JSON.
  public let responseBodyIsRaw: Bool

  /// The fields of `template.variables`, in their order.
  let variables: [FieldPath]
  /// The same as the encoder wants them: JSON may not set these again.
  let boundByPath: BoundFields?
  /// The FieldMask that a PATCH fills from its body.
  let mask: FieldSchema?
  let encoder: MessageEncoder
  let decoder: MessageDecoder
  let lineDecoder: MessageDecoder
  let prettyDecoder: MessageDecoder
  /// What the path and the body set, so that the query cannot set it again.
  let leavesOutsideQuery: BoundLeaves
  let ignoresUnknownParameters: Bool

  init(_ parts: ResolvedRule, options: TranscodingOptions) {
    method = parts.method
    mode = StreamingMode(parts.method)
    declaration = parts.declaration
    httpMethod = parts.httpMethod
    template = parts.template
    body = parts.body
    responseBody = parts.responseBody
    variables = parts.variables
    mask = parts.mask
    requestBodyIsRaw =
      switch parts.body {
      case .none: false
      case .whole: parts.method.input.isHTTPBody
      case .field(let field): field.isHTTPBody
      }
    responseBodyIsRaw = parts.responseBody?.isHTTPBody ?? parts.method.output.isHTTPBody
    if parts.variables.isEmpty || parts.body == .none {
      boundByPath = nil
    } else {
      var bound = BoundFields()
      for variable in parts.variables { bound.insert(variable.fields) }
      boundByPath = bound
    }
    var leaves = BoundLeaves()
    for variable in parts.variables { _ = leaves.insert(variable.fields) }
    if case .field(let field) = parts.body { leaves.reserve(field) }
    leavesOutsideQuery = leaves
    let schema = parts.method.schema
    encoder = MessageEncoder(schema: schema, options: options.encoding)
    decoder = MessageDecoder(schema: schema, options: options.decoding)
    var line = options.decoding
    line.indent = nil
    lineDecoder = MessageDecoder(schema: schema, options: line)
    var pretty = options.decoding
    pretty.indent = pretty.indent ?? options.prettyIndent
    prettyDecoder = MessageDecoder(schema: schema, options: pretty)
    ignoresUnknownParameters = options.ignoreUnknownParameters
  }

  /// `GET /v1/orders/{value}`
  public var route: String { "\(httpMethod) \(template)" }
}

/// What `MethodBindingResolver` found out about a rule.
struct ResolvedRule {
  let method: MethodSchema
  let declaration: HTTPRuleDeclaration
  let httpMethod: MethodPattern
  let template: PathTemplate
  let variables: [FieldPath]
  let body: BodyBinding
  let responseBody: FieldSchema?
  let mask: FieldSchema?
}

extension MessageSchema {
  var isHTTPBody: Bool { fullName == "google.api.HttpBody" }
}

extension FieldSchema {
  /// Whether the field is one `google.api.HttpBody`.
  var isHTTPBody: Bool { cardinality == .singular && message?.isHTTPBody == true }
}
