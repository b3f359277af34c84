internal import JSONTree
internal import ProtobufSchema

/// What stands at the head of a description.
public struct OpenAPIInfo: Sendable, Hashable {
  /// Nil for the names of the services.
  public var title: String?
  /// The version of the API, not of OpenAPI.
  public var version: String
  /// Markdown that stands before what is said of every route.
  public var description: String
  /// Where the gateway is reached: absolute, or relative to where the document is read.
  public var servers: [String]

  public init(title: String? = nil, version: String = "1.0.0", description: String = "", servers: [String] = ["/"]) {
    self.title = title
    self.version = version
    self.description = description
    self.servers = servers
  }

  func tree(for routes: [OpenAPIRoute], options: OpenAPIOptions) -> JSONTree {
    var services: [String] = []
    for route in routes where services.last != route.method.service.name { services.append(route.method.service.name) }
    var paragraphs = description.isEmpty ? [] : [description]
    paragraphs += [Self.values(options), options.bareStatusErrors ? Self.bareErrors : Self.errors, Self.headers]
    if routes.contains(where: \.isStreaming) {
      paragraphs.append(Self.streams)
      if options.streamEnvelope { paragraphs.append(Self.envelopes) }
      if options.servesWebSocket { paragraphs.append(Self.webSocket) }
    }

    var info = JSONTree.object()
    info.set("title", to: title ?? (services.isEmpty ? "Gateway" : services.joined(separator: ", ")))
    info.set("version", to: version)
    info.set("description", to: paragraphs.joined(separator: "\n\n"))
    return info
  }

  func serverTree() -> JSONTree {
    var list = JSONTree.array()
    for url in servers {
      var server = JSONTree.object()
      server.set("url", to: url)
      list.append(server)
    }
    return list
  }
}

/// What holds for every operation, said once.
extension OpenAPIInfo {
  private static func values(_ options: OpenAPIOptions) -> String {
    """
    ## Values

    Bodies are ProtoJSON. The schemas show what is written; what is read may be spelled in more ways: proto names \
    (`last_updated`) beside JSON names, enum values by \(options.enumsAsNumbers ? "name" : "number"), 64-bit integers \
    as JSON numbers, numbers in quotes, both base64 alphabets, and `null` for a field that is not set. \
    \(unknown(options))\(options.omitsDefaults ? " Fields that hold their default are not written." : "")
    """
  }

  private static func unknown(_ options: OpenAPIOptions) -> String {
    switch (options.ignoresUnknownFields, options.ignoresUnknownParameters) {
    case (false, false): "A field or parameter that is not known answers 400."
    case (true, false): "A field that is not known is passed over, a parameter that is not known answers 400."
    case (false, true): "A field that is not known answers 400, a parameter that is not known is passed over."
    case (true, true): "A field or parameter that is not known is passed over."
    }
  }

  private static let errors = """
    ## Errors

    Every error has the one shape of the schema `Error`: `code` is the HTTP status, `status` the gRPC name. \
    `details` name the fields of a request that were refused (`google.rpc.BadRequest`); an error that the gateway \
    made itself carries a `google.rpc.ErrorInfo`.
    """

  private static let bareErrors = """
    ## Errors

    Every error is a `google.rpc.Status`, the one shape of the schema `Error`: `code` is the gRPC code; the HTTP status \
    stands in the status line only. `details` name the fields of a request that were refused \
    (`google.rpc.BadRequest`); an error that the gateway made itself carries a `google.rpc.ErrorInfo`.
    """

  private static let envelopes = """
    Each message of a stream is `{"result":…}`, the error that ends one `{"error":…}` with the `google.rpc.Status` in \
    it; `application/json` is one of these per line.
    """

  private static let headers = """
    ## Headers

    Request headers become gRPC metadata, `Grpc-Metadata-X` as `x`. Initial metadata comes back as \
    `Grpc-Metadata-…`, trailing metadata as `Grpc-Trailer-…` (on streams as HTTP trailers, for callers that sent \
    `TE: trailers`).
    """

  private static let streams = """
    ## Streams

    `Accept` chooses the form of a streamed response; the schema under each media type is that of one item, and \
    `x-stream` says how items are told apart. An error before the first message has its own HTTP status. An error \
    after it never looks like a clean end: lines and json-seq end with `{"error":…}` and an unterminated chunked body \
    (or, with `TE: trailers`, with the trailers `grpc-status` and `grpc-message`), an array is not closed, \
    `text/event-stream` ends with `event: error`. A streamed request is sent on message by message while it is read, \
    with any white space, or none, between its values.
    """

  private static let webSocket = """
    ## WebSocket

    Every streaming operation can also be reached by a WebSocket upgrade (a `GET`) on its path: one text frame is one \
    JSON message in either direction, an empty text frame ends the caller's stream. A clean end closes with 1000; an \
    error first sends `{"error":…}` and closes with 4000 plus the gRPC code. `x-websocket` shows the two message types.
    """
}
