internal import JSONTree

/// Headers and the error response, which every operation refers to.
enum SharedComponents {
  private static let requestID = "X-Request-Id"

  /// Adds `parameters`, `headers` and `responses` to the document's components.
  static func add(to components: inout JSONTree, errorResponse: consuming JSONTree) {
    var id = header(requestID, "Names the request in logs and upstream. Made by the gateway when absent.")
    id.set("schema", to: SchemaComponents.typed("string"))
    var timeout = header(
      "Grpc-Timeout", "How long the call may take: up to eight digits and one of `H`, `M`, `S`, `m`, `u`, `n`.")
    var pattern = SchemaComponents.typed("string")
    pattern.set("pattern", to: "^[0-9]{1,8}[HMSmun]$")
    timeout.set("schema", to: pattern)
    var seconds = header("X-Server-Timeout", "The same in seconds, fractions allowed. The shorter of the two holds.")
    // Not a number: neither sign nor exponent may stand there.
    var decimal = SchemaComponents.typed("string")
    decimal.set("pattern", to: "^[0-9]{1,16}(\\.[0-9]{0,15})?$")
    seconds.set("schema", to: decimal)

    var parameters = JSONTree.object()
    parameters.set(requestID, to: id)
    parameters.set("Grpc-Timeout", to: timeout)
    parameters.set("X-Server-Timeout", to: seconds)
    components.set("parameters", to: parameters)

    var echoed = JSONTree.object()
    echoed.set("description", to: "The id of the request, as sent or as made by the gateway.")
    echoed.set("schema", to: SchemaComponents.typed("string"))
    var headers = JSONTree.object()
    headers.set(requestID, to: echoed)
    components.set("headers", to: headers)

    var responses = JSONTree.object()
    responses.set("Error", to: errorResponse)
    components.set("responses", to: responses)
  }

  /// References to the request headers, for every path.
  static func headerParameters() -> JSONTree {
    var list = JSONTree.array()
    for name in [requestID, "Grpc-Timeout", "X-Server-Timeout"] {
      list.append(reference("#/components/parameters/\(name)"))
    }
    return list
  }

  static func responseHeaders() -> JSONTree {
    var headers = JSONTree.object()
    headers.set(requestID, to: reference("#/components/headers/\(requestID)"))
    return headers
  }

  static func errorReference() -> JSONTree { reference("#/components/responses/Error") }

  static func errorResponse(schema: consuming JSONTree) -> JSONTree {
    var media = JSONTree.object()
    media.set("schema", to: schema)
    var content = JSONTree.object()
    content.set("application/json", to: media)
    var tree = JSONTree.object()
    tree.set(
      "description",
      to: "The error, of the upstream or of the gateway; the status is that of the gRPC code (`google/rpc/code.proto`)."
    )
    tree.set("headers", to: responseHeaders())
    tree.set("content", to: content)
    return tree
  }

  private static func header(_ name: String, _ description: String) -> JSONTree {
    var tree = JSONTree.object()
    tree.set("name", to: name)
    tree.set("in", to: "header")
    tree.set("description", to: description)
    return tree
  }

  private static func reference(_ target: String) -> JSONTree {
    var tree = JSONTree.object()
    tree.set("$ref", to: target)
    return tree
  }
}
