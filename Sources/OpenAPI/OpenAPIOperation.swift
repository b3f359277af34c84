internal import HTTPRule
internal import JSONTree
internal import ProtobufSchema

/// One route as an operation object.
struct OpenAPIOperation {
  let route: OpenAPIRoute
  let path: OpenAPIPath
  let tags: OpenAPITags

  func tree(components: inout SchemaComponents) -> JSONTree {
    let method = route.method
    var tree = JSONTree.object()
    tree.set("operationId", to: tags.operationID(route))
    tree.set("tags", to: [tags.name(of: method.service)])
    let comment = CommentText(method.comments)
    tree.set("summary", to: comment.summary ?? Self.words(method.name))
    tree.set("description", to: [comment.description, modeText].filter { !$0.isEmpty }.joined(separator: "\n\n"))
    if method.isDeprecated { tree.set("deprecated", to: true) }

    var parameters = JSONTree.array()
    path.parameterTrees(components: &components, into: &parameters)
    queryParameters.trees(components: &components, into: &parameters)
    if parameters.count > 0 { tree.set("parameters", to: parameters) }
    if let body = requestBody(components: &components) { tree.set("requestBody", to: body) }

    var responses = JSONTree.object()
    responses.set("200", to: response(components: &components))
    responses.set("default", to: SharedComponents.errorReference())
    tree.set("responses", to: responses)

    var grpc = JSONTree.object()
    grpc.set("method", to: String(method.path.dropFirst()))
    grpc.set("mode", to: route.mode)
    tree.set("x-grpc", to: grpc)
    if let webSocket = webSocket(components: &components) { tree.set("x-websocket", to: webSocket) }
    if path.text != route.template.description {
      tree.set("x-google-path-template", to: route.template.description)
    }
    return tree
  }

  /// A method's name as a heading: `addOrder` and `AddOrder` are "Add order".
  private static func words(_ name: String) -> String {
    var words = ""
    var previousIsLowercase = false
    for character in name {
      let startsWord = character == "_" || character.isUppercase && previousIsLowercase
      if startsWord, !words.isEmpty { words += " " }
      if character != "_" { words += startsWord ? character.lowercased() : String(character) }
      previousIsLowercase = character.isLowercase || character.isNumber
    }
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  private var modeText: String {
    let input = "`\(route.method.input.fullName)`"
    let output = "`\(route.method.output.fullName)`"
    return switch (route.method.clientStreaming, route.method.serverStreaming) {
    case (false, false): "Calls `\(route.method.fullName)`."
    case (false, true): "Calls `\(route.method.fullName)` and streams \(output), each message as it arrives."
    case (true, false):
      "Calls `\(route.method.fullName)` with a stream of \(input), each sent on as it is read, and answers once."
    case (true, true):
      "Calls `\(route.method.fullName)` with a stream of \(input) and streams \(output); both run at the same time."
    }
  }

  // MARK: Request

  private var queryParameters: QueryParameters {
    switch route.body {
    case .none: QueryParameters(of: route.method.input, skipping: route.variables)
    case .field(let field): QueryParameters(of: route.method.input, skipping: route.variables + [field])
    case .whole: QueryParameters(of: nil, skipping: [])
    }
  }

  private enum BodySchema: ~Copyable {
    case none
    case bytes
    case json(JSONTree)
  }

  /// The schema of the body: of all of it, or in a stream of one item.
  private func bodySchema(components: inout SchemaComponents) -> BodySchema {
    let name = "\(route.method.fullName)\(route.binding == 1 ? "" : "\(route.binding)")Body"
    switch route.body {
    case .none: return .none
    case .whole: return bodySchema(of: route.method.input, bound: route.variables, name: name, components: &components)
    case .field(let path):
      guard let field = path.last else { return .none }
      guard field.cardinality == .singular, let message = field.message else {
        return .json(components.schema(of: field))
      }
      let bound = route.variables.filter { $0.starts(with: path) && $0.count > path.count }
        .map { Array($0.dropFirst(path.count)) }
      return bodySchema(of: message, bound: bound, name: name, components: &components)
    }
  }

  private func bodySchema(
    of message: MessageSchema, bound: [[FieldSchema]], name: String, components: inout SchemaComponents
  ) -> BodySchema {
    if message.isHTTPBody { return .bytes }
    guard let tree = components.body(message, without: bound, name: name) else { return .none }
    return .json(tree)
  }

  private func requestBody(components: inout SchemaComponents) -> JSONTree? {
    var tree = JSONTree.object()
    var content = JSONTree.object()
    switch bodySchema(components: &components) {
    case .none: return nil
    case .bytes:
      tree.set("description", to: "Raw bytes; their type goes along as `content_type`.")
      content.set("*/*", to: .object())
    case .json:
      if route.method.clientStreaming {
        tree.set("description", to: "A stream of messages, each sent on as soon as its last byte is there.")
        for form in StreamForm.requestForms {
          if case .json(let item) = bodySchema(components: &components) {
            content.set(form.mediaType, to: form.requestTree(item: item))
          }
        }
      } else if case .json(let schema) = bodySchema(components: &components) {
        var media = JSONTree.object()
        media.set("schema", to: schema)
        content.set("application/json", to: media)
      }
      tree.set("required", to: !route.method.clientStreaming)
    }
    tree.set("content", to: content)
    return tree
  }

  // MARK: Response

  /// The schema of the response: of all of it, or in a stream of one item. Nil for raw bytes.
  private func responseSchema(components: inout SchemaComponents) -> JSONTree? {
    guard let field = route.responseBody else { return components.body(route.method.output) }
    guard field.cardinality == .singular, let message = field.message else { return components.schema(of: field) }
    return components.body(message)
  }

  private func response(components: inout SchemaComponents) -> JSONTree {
    var tree = JSONTree.object()
    var content = JSONTree.object()
    if let schema = responseSchema(components: &components) {
      if route.method.serverStreaming {
        tree.set("description", to: "A stream of messages in the form that `Accept` asks for.")
        let isEnveloped = components.options.streamEnvelope
        for form in StreamForm.responseForms(components.options) {
          if let item = responseSchema(components: &components) {
            let item = isEnveloped ? components.envelope(of: item) : item
            content.set(form.mediaType, to: form.responseTree(item: item, isEnveloped: isEnveloped))
          }
        }
      } else {
        tree.set("description", to: "OK")
        var media = JSONTree.object()
        media.set("schema", to: schema)
        content.set("application/json", to: media)
      }
    } else {
      tree.set("description", to: "Raw bytes of the type that the upstream names.")
      content.set("*/*", to: .object())
    }
    tree.set("headers", to: SharedComponents.responseHeaders())
    tree.set("content", to: content)
    return tree
  }

  // MARK: WebSocket

  /// What the frames hold, of a streaming method whose messages are JSON.
  private func webSocket(components: inout SchemaComponents) -> JSONTree? {
    guard components.options.servesWebSocket, route.isStreaming,
      let received = responseSchema(components: &components)
    else { return nil }
    var tree = JSONTree.object()
    switch bodySchema(components: &components) {
    case .bytes: return nil
    case .json(let item):
      tree.set(
        "description",
        to: route.method.clientStreaming
          ? "The call starts with the first frame; an empty text frame ends the caller's stream."
          : "The call starts with the first frame.")
      tree.set("send", to: item)
    case .none:
      tree.set("description", to: "The call starts at the upgrade; path and query hold the request.")
    }
    tree.set("receive", to: received)
    return tree
  }
}
