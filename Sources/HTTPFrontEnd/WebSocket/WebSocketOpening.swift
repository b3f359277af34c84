import ErrorBody
import GRPCUpstream
import GRPCWire
import HTTPRule
import NIOCore
import NIOHTTP1
import ProtobufJSON
import Transcoding

/// What the call of a session is opened with.
struct PendingCall {
  var metadata: CallMetadata
  /// From the call's start.
  var timeout: TimeAmount?
}

/// All that a session starts with, judged before the 101.
struct WebSocketOpening {
  let head: HTTPRequestHead
  let handshake: WebSocketHandshake
  let route: Route
  let requestBinding: RequestBinding
  /// What path and query bound.
  let boundBytes: [UInt8]
  let call: PendingCall
  let requestID: String
  /// As it came, without the query.
  let path: String
  /// When the head was here.
  let began = NIODeadline.now()

  init(
    _ head: HTTPRequestHead, _ facts: RequestHeadFacts, worker: Worker, remoteAddress: String, scheme: String
  ) throws(Refusal) {
    let dispatched = try worker.service.dispatchWebSocket(facts)
    guard !worker.isDraining else {
      throw Refusal(
        GatewayError(gateway: "the gateway is shutting down", code: .unavailable, reason: .shuttingDown))
    }
    let settings = worker.configuration.webSocket
    let handshake = try WebSocketHandshake(
      head, facts, origins: WebSocketOriginPolicy(allowed: settings.allowedOrigins, isSecure: scheme == "https"))
    let (metadata, requestID) = try worker.metadata(
      for: handshake.withAuthorization(head), remoteAddress: remoteAddress, scheme: scheme,
      into: worker.pool(for: dispatched.route).emptyMetadata())
    let timeout = try worker.timeoutAsked(by: facts)
    var bound = OutputBuffer()
    requestBinding = try dispatched.bind(facts, into: &bound)
    boundBytes = bound.array
    call = PendingCall(metadata: metadata, timeout: timeout)
    self.requestID = requestID
    path = String(facts.path)
    route = dispatched.route
    self.head = head
    self.handshake = handshake
  }

  var input: WebSocketSessionStateMachine.Input {
    guard route.binding.body != .none else { return .nothing }
    return route.clientStreaming ? .many : .one
  }

  /// The 101; `accept` is `Sec-WebSocket-Accept` (RFC 6455 §4.2.2).
  func answer(accept: String, allocator: ByteBufferAllocator) -> ByteBuffer {
    var answer = ResponseHeadWriter(status: 101, allocator: allocator, capacity: 256)
    answer.add("Upgrade", "websocket" as StaticString)
    answer.add("Connection", "Upgrade" as StaticString)
    answer.add("Sec-WebSocket-Accept", accept)
    if handshake.bearerToken != nil { answer.add("Sec-WebSocket-Protocol", "bearer" as StaticString) }
    answer.add("X-Request-Id", requestID)
    return answer.end()
  }
}

extension ServedRoutes {
  /// Finds the streaming method that a session on this path would be with, whatever verb its rule has.
  ///
  /// A handshake is always a GET, and most rules that stream from the caller are POST: so the rules of the path are
  /// tried one verb after another, GET first, and the first that streams is taken.
  func dispatchWebSocket(_ facts: RequestHeadFacts) throws(Refusal) -> DispatchedCall {
    var isUnary = false
    for method in ["GET"] + facts.withTargetBytes({ path, _ in table.allowedMethods(path: path) }) {
      switch facts.withTargetBytes({ path, _ in table.match(method: method, path: path) }) {
      case .matched(let binding, let variables):
        guard binding.mode != .unary, let route = routes[ObjectIdentifier(binding)] else {
          isUnary = true
          continue
        }
        return DispatchedCall(route: route, variables: variables)
      case .malformed(let error): throw Refusal(.malformedPath(error))
      case .methodNotAllowed, .notFound: continue
      }
    }
    guard isUnary else { throw Refusal(.notFound(path: facts.path)) }
    throw Refusal(
      GatewayError(downstream: "only streaming methods are served over WebSocket; this one is unary", httpStatus: 400))
  }
}
