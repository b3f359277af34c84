internal import HTTPRule
internal import ProtobufSchema

/// One line of the list of routes: what a caller sends where, and what comes back.
public struct RouteDescription: Sendable, Hashable {
  /// The HTTP method, `*` for any.
  public let method: String
  /// The path template as it was written.
  public let path: String
  /// `pkg.Service.Method`
  public let rpc: String
  public let mode: StreamingMode
  /// What goes in and what comes out, in words.
  public let idiom: String
  /// Where the rule was written.
  public let source: String

  public init(_ binding: MethodBinding) {
    method = binding.httpMethod.description
    path = binding.template.description
    rpc = binding.method.fullName
    mode = binding.mode
    idiom = "\(Self.request(of: binding)) -> \(Self.response(of: binding))"
    source = binding.declaration.origin.description
  }

  private static func request(of binding: MethodBinding) -> String {
    let stream = binding.mode.streamsRequest
    if binding.requestBodyIsRaw { return stream ? "bytes in pieces" : "bytes" }
    switch binding.body {
    case .none: return binding.template.variables.isEmpty ? "query" : "path and query"
    case .whole, .field: return stream ? "NDJSON, JSON array or json-seq" : "JSON"
    }
  }

  private static func response(of binding: MethodBinding) -> String {
    let stream = binding.mode.streamsResponse
    if binding.responseBodyIsRaw { return stream ? "bytes in pieces" : "bytes" }
    return stream ? "NDJSON, JSON array, SSE or json-seq" : "JSON"
  }
}

extension BindingSet {
  /// Every route, in the order of `bindings`.
  public var routes: [RouteDescription] { bindings.map(RouteDescription.init) }
}
