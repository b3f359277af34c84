public import ErrorBody
public import GRPCUpstream
import HTTPNegotiation
import HTTPRule
import NIOCore
import NIOHTTP1
import ProtobufJSON
import ProtobufSchema
public import Transcoding

/// All that is served, frozen: it is shared by the event loops and swapped whole.
///
/// A class, since every request looks at it: a reference is passed on where a struct's parts would each be retained.
public final class ServedRoutes: Sendable {
  let table: RouteTable<MethodBinding>
  /// By the binding they come from.
  let routes: [ObjectIdentifier: Route]
  /// The methods that routes lead to, each once.
  let methods: [MethodIdentity]
  private let endpoints: LocalEndpointTable
  /// Whether an endpoint's path would otherwise go to a route with a wildcard.
  private let endpointsComeFirst: Bool
  let renderer: ErrorRenderer
  private let forms: StreamFormPolicy

  /// - Parameters:
  ///   - endpoints: what the gateway answers for itself; none may clash with a route (`LocalEndpointTable.clashes`).
  ///   - retries: the policies of all methods.
  ///   - upstream: the place of a route's upstream among those of an event loop.
  public init(
    bindings: BindingSet, renderer: ErrorRenderer, endpoints: LocalEndpointTable = LocalEndpointTable(),
    style: AnswerStyle = AnswerStyle(), retries: RetryPolicies = RetryPolicies(),
    upstream: (MethodBinding) -> Int = { _ in 0 }
  ) {
    table = bindings.table
    self.renderer = renderer
    forms = StreamFormPolicy(style)
    self.endpoints = endpoints
    endpointsComeFirst = endpoints.areHidden(by: bindings.table)
    var upstreamRoutes: [String: UpstreamRoute] = [:]
    var indices: [String: Int] = [:]
    var routes: [ObjectIdentifier: Route] = [:]
    var methods: [MethodIdentity] = []
    for binding in bindings.bindings {
      let path = binding.method.path
      let upstreamRoute = upstreamRoutes[path] ?? UpstreamRoute(path: path, retries: retries.policy(forPath: path))
      upstreamRoutes[path] = upstreamRoute
      let index = indices[path] ?? methods.count
      if indices.updateValue(index, forKey: path) == nil {
        methods.append(MethodIdentity(name: String(path.dropFirst()), mode: binding.mode))
      }
      routes[ObjectIdentifier(binding)] = Route(
        binding: binding, upstream: upstreamRoute, upstreamIndex: upstream(binding), methodIndex: index)
    }
    self.routes = routes
    self.methods = methods
  }

  /// The gateway's own answers alone.
  public init(endpoints: LocalEndpointTable, renderer: ErrorRenderer) {
    table = RouteTableBuilder<MethodBinding>().build()
    routes = [:]
    methods = []
    self.endpoints = endpoints
    endpointsComeFirst = false
    self.renderer = renderer
    forms = StreamFormPolicy()
  }

  /// Finds what a request asks for, and refuses it as early as can be told.
  func dispatch(
    _ head: HTTPRequestHead, _ facts: RequestHeadFacts, maximumBody: Int, cors: @autoclosure () -> CORSPolicy?
  ) throws(Refusal) -> Dispatch {
    if facts.isServerWide { return .answer(LocalAnswer(status: 204)) }
    if endpointsComeFirst, Self.reads(head.method), let endpoint = endpoints[facts.path] { return .endpoint(endpoint) }
    switch match(head.method, facts) {
    case .notFound:
      guard endpoints[facts.path] != nil else { throw Refusal(.notFound(path: facts.path)) }
      return try dispatchElsewhere(head, facts, allow: [], cors())
    case .malformed(let error):
      throw Refusal(.malformedPath(error))
    case .methodNotAllowed(let allow):
      return try dispatchElsewhere(head, facts, allow: allow, cors())
    case .matched(let binding, let variables):
      guard let route = routes[ObjectIdentifier(binding)] else { throw Refusal(.notFound(path: facts.path)) }
      return .call(try call(route, variables, head, facts, maximumBody: maximumBody))
    }
  }

  private static func reads(_ method: HTTPMethod) -> Bool { method == .GET || method == .HEAD }

  /// No route has this path and method; `allow` are the methods of those that have the path.
  private func dispatchElsewhere(
    _ head: HTTPRequestHead, _ facts: RequestHeadFacts, allow: [String], _ cors: CORSPolicy?
  ) throws(Refusal) -> Dispatch {
    var allow = allow
    if let endpoint = endpoints[facts.path] {
      if Self.reads(head.method) { return .endpoint(endpoint) }
      allow = Set(allow).union(LocalEndpointTable.methods).sorted()
    }
    var headers = [("Allow", allow.joined(separator: ", "))]
    guard head.method == .OPTIONS else {
      throw Refusal(.methodNotAllowed(head.method.token, allow: allow), headers: headers)
    }
    if let cors, let origin = facts.origin, cors.allows(origin),
      head.headers.contains(name: "access-control-request-method")
    {
      headers += cors.preflightHeaders(
        methods: allow, requestedHeaders: head.headers.first(name: "access-control-request-headers"))
    }
    return .answer(LocalAnswer(status: 204, headers: headers))
  }

  private func match(_ method: HTTPMethod, _ facts: RequestHeadFacts) -> RouteMatch<MethodBinding> {
    facts.withTargetBytes { path, _ in table.match(method: method.token, path: path) }
  }

  private func call(
    _ route: Route, _ variables: [CapturedVariable], _ head: HTTPRequestHead, _ facts: RequestHeadFacts,
    maximumBody: Int
  ) throws(Refusal) -> DispatchedCall {
    var call = DispatchedCall(route: route, variables: variables)
    if route.isStreaming, facts.isHTTP10 {
      throw Refusal(.streamOverHTTP10)
    }
    if route.serverStreaming, route.binding.responseBodyIsRaw {
      call.form = .raw
    } else if route.serverStreaming {
      guard let form = forms.form(for: facts.accept) else {
        throw Refusal(.notAcceptable(offered: forms.offered))
      }
      call.form = form
      call.wrapsMessages = forms.wrapsMessages
    }
    guard route.binding.body != .none else {
      if facts.hasBody { throw Refusal(.unexpectedBody) }
      return call
    }
    if facts.hasBody, let text = facts.contentEncoding {
      call.contentCoding = try ContentEncodingPolicy.coding(of: text)
    }
    guard !route.binding.requestBodyIsRaw else {
      call.upload = route.clientStreaming ? .pieces : .whole
      try checkLength(facts, call, maximumBody: maximumBody)
      return call
    }
    do {
      let reading = facts.hasBody ? try BodyTypePolicy.reading(of: facts.contentType, head.headers) : .json
      call.upload = route.clientStreaming ? .stream(framing(reading, of: route)) : .whole
    } catch {
      throw Refusal(.unsupportedMediaType(error.message))
    }
    try checkLength(facts, call, maximumBody: maximumBody)
    return call
  }

  /// What is too large is refused as soon as it says so.
  private func checkLength(
    _ facts: RequestHeadFacts, _ call: DispatchedCall, maximumBody: Int
  ) throws(Refusal) {
    guard call.upload == .whole, let length = facts.contentLength, length > maximumBody else { return }
    throw Refusal(.requestTooLarge(limit: maximumBody))
  }
}

extension ServedRoutes {
  /// A leading `[` opens an array of messages, unless the message itself may be a JSON array and the media type
  /// says that values stand by themselves.
  private func framing(_ reading: BodyTypePolicy.Reading, of route: Route) -> JSONStreamFramer.Form {
    switch reading {
    case .sequence: return .sequence
    case .json: return .arrayOrConcatenated
    case .lines:
      let message = route.binding.streamedMessage
      return message?.wellKnown == .listValue || message?.wellKnown == .value ? .concatenated : .arrayOrConcatenated
    }
  }
}

extension HTTPMethod {
  /// The method as the caller wrote it; NIO has a name of its own for M-SEARCH.
  fileprivate var token: String { self == .MSEARCH ? "M-SEARCH" : rawValue }
}

extension MethodBinding {
  /// The message that one JSON value of the body stands for; `nil` where it is no message.
  fileprivate var streamedMessage: MessageSchema? {
    switch body {
    case .none: nil
    case .whole: method.input
    case .field(let field): field.message
    }
  }
}

/// What becomes of a request.
enum Dispatch {
  case answer(LocalAnswer)
  case endpoint(LocalEndpoint)
  case call(DispatchedCall)
}

/// A request that is to become a call.
struct DispatchedCall {
  enum UploadKind: Equatable {
    case none
    case whole
    case stream(JSONStreamFramer.Form)
    /// Each piece of the body, as it arrives, is a `google.api.HttpBody`.
    case pieces
  }

  var route: Route
  var variables: [CapturedVariable]
  var upload = UploadKind.none
  var form = StreamForm.lines(jsonl: false)
  /// Each message of the answer stands in `{"result":…}`.
  var wrapsMessages = false
  /// What the body is compressed with.
  var contentCoding: ContentCoding?

  /// Writes what path and query say into the request message.
  func bind(_ facts: RequestHeadFacts, into output: inout OutputBuffer) throws(Refusal) -> RequestBinding {
    do {
      return try facts.withTargetBytes { (path, query) throws(RequestFault) in
        try route.binding.bindRequest(path: path, variables: variables, query: query, into: &output)
      }
    } catch {
      throw Refusal(GatewayError(error))
    }
  }
}

/// An error that is answered before there is a call, with the headers that belong to it.
struct Refusal: Error {
  var error: GatewayError
  var headers: [(String, String)]

  init(_ error: GatewayError, headers: [(String, String)] = []) {
    self.error = error
    self.headers = headers
  }
}
