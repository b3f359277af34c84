public import GRPCUpstream
import GRPCWire
public import NIOCore
import NIOHTTP1

/// All that the exchanges of one event loop share: the timer, scratch memory, upstream connections, and the
/// service as it is served now. Never touched from elsewhere.
public final class Worker {
  let eventLoop: any EventLoop
  let timer: LoopTimer
  private(set) var configuration: FrontEndConfiguration
  private(set) var headPolicy: RequestHeadPolicy
  public private(set) var service: ServedRoutes
  let answers: AnswerWriter
  let admission: AdmissionLine
  let metrics = WorkerMetrics()
  let accessLog: AccessLog?
  private var methodMetrics: [MethodMetrics] = []
  let compression: AnswerCompression
  /// As routes number them; at least one.
  private let upstreams: [BalancedUpstream]
  private var scratch = ScratchPool()
  private var tick: [Exchange] = []
  private var sessionTick: [WebSocketSession] = []
  private var requestIDs: RequestIDGenerator
  private var connections: [ObjectIdentifier: DownstreamConnectionHandler] = [:]
  private(set) var isDraining = false
  /// Whether load balancers should send their requests elsewhere.
  private(set) var isLeaving = false
  private var drained: EventLoopPromise<Void>?

  public init(
    eventLoop: any EventLoop, configuration: FrontEndConfiguration, service: ServedRoutes,
    upstreams: [BalancedUpstream],
    accessLog: AccessLog? = nil
  ) {
    self.eventLoop = eventLoop
    self.configuration = configuration
    self.service = service
    precondition(!upstreams.isEmpty, "routes have to lead somewhere")
    self.upstreams = upstreams
    self.accessLog = accessLog
    headPolicy = configuration.headPolicy
    timer = LoopTimer(eventLoop: eventLoop)
    admission = AdmissionLine(limits: configuration.admissionLimits, timer: timer)
    answers = AnswerWriter(renderer: service.renderer, compresses: configuration.compression.isEnabled)
    compression = AnswerCompression(policy: configuration.compression)
    requestIDs = RequestIDGenerator(seed: .random(in: 0 ... .max))
    methodMetrics = service.methods.map(metrics.method)
  }

  // MARK: What is counted

  func metrics(of route: Route) -> MethodMetrics? {
    methodMetrics.indices.contains(route.methodIndex) ? methodMetrics[route.methodIndex] : nil
  }

  /// Everything this loop has counted, and how things stand.
  public var figures: GatewayFigures {
    var figures = metrics.figures
    figures.connections = connections.count
    figures.callsInFlight = admission.inFlight
    figures.callsWaiting = admission.waiting
    figures.callsRefused = admission.refused
    for upstream in upstreams { figures.upstreams[upstream.label] = upstream.figures }
    return figures
  }

  // MARK: What a reload brings

  /// Serves differently from now on; exchanges that are on keep the routes they have found.
  public func replace(service: ServedRoutes, configuration: FrontEndConfiguration) {
    self.service = service
    self.configuration = configuration
    headPolicy = configuration.headPolicy
    answers.use(service.renderer)
    methodMetrics = service.methods.map(metrics.method)
    admission.setLimits(configuration.admissionLimits)
  }

  func pool(for route: Route) -> BalancedUpstream {
    upstreams[upstreams.indices.contains(route.upstreamIndex) ? route.upstreamIndex : 0]
  }

  func answer(of endpoint: LocalEndpoint, to facts: RequestHeadFacts) -> LocalAnswer {
    let standings = upstreams.map { UpstreamStanding(name: $0.label, state: $0.state) }
    return endpoint.answer(LocalRequest(query: facts.query, upstreams: standings, isDraining: isLeaving))
  }

  /// What every answer on a connection says beside its own.
  func terms(requestID: String, keepAlive: Bool, isHTTP10: Bool, origin: String?) -> AnswerWriter.Terms {
    var terms = AnswerWriter.Terms(requestID: requestID, keepAlive: keepAlive, isHTTP10: isHTTP10)
    if let cors = configuration.cors {
      terms.corsLines = cors.headerLines(for: origin)
      terms.namesExposedHeaders = cors.namesExposedHeaders && origin.map(cors.allows) ?? false
    }
    return terms
  }

  // MARK: Scratch memory

  func takeScratch() -> ScratchBuffer { scratch.take() }

  func giveBack(_ buffer: ScratchBuffer) { scratch.giveBack(buffer) }

  // MARK: Ticks

  /// Calls `tickEnded` of the exchange once the loop has handled what it read in this turn.
  func atEndOfTick(_ exchange: Exchange) {
    tick.append(exchange)
    if tick.count == 1 { scheduleTick() }
  }

  func atEndOfTick(_ session: WebSocketSession) {
    sessionTick.append(session)
    if sessionTick.count == 1 { scheduleTick() }
  }

  private func scheduleTick() {
    eventLoop.assumeIsolated().execute { self.tickEnded() }
  }

  private func tickEnded() {
    let exchanges = tick
    tick.removeAll(keepingCapacity: true)
    for exchange in exchanges { exchange.tickEnded() }
    guard !sessionTick.isEmpty else { return }
    let sessions = sessionTick
    sessionTick.removeAll()
    for session in sessions { session.tickEnded() }
  }

  // MARK: What a request head says to the call

  func metadata(
    for head: HTTPRequestHead, remoteAddress: String, scheme: String, into memory: consuming CallMetadata
  ) throws(Refusal) -> (metadata: CallMetadata, requestID: String) {
    do {
      return try MetadataPolicy.requestMetadata(
        of: head.headers, address: remoteAddress, scheme: scheme, newRequestID: requestIDs.next(), into: memory)
    } catch {
      throw Refusal(.badMetadata(error))
    }
  }

  /// How long the caller gives its call, capped; `nil` where it does not say.
  func timeoutAsked(by facts: RequestHeadFacts) throws(Refusal) -> TimeAmount? {
    var asked: Int64?
    if let text = facts.grpcTimeout {
      guard let timeout = GRPCTimeout(parsing: text) else { throw Refusal(.badTimeout("Grpc-Timeout", text)) }
      asked = timeout.nanoseconds
    }
    if let text = facts.serverTimeout {
      guard let timeout = XServerTimeout.parse(text) else { throw Refusal(.badTimeout("X-Server-Timeout", text)) }
      asked = min(asked ?? .max, timeout.nanoseconds)
    }
    return asked.map { min(.nanoseconds($0), configuration.maximumDeadline) }
  }

  // MARK: Connections

  func connectionOpened(_ connection: DownstreamConnectionHandler) {
    connections[ObjectIdentifier(connection)] = connection
    metrics.connectionsOpened += 1
    if isDraining { connection.drain() }
  }

  func connectionClosed(_ connection: DownstreamConnectionHandler) {
    connections[ObjectIdentifier(connection)] = nil
    if connections.isEmpty { drained?.succeed() }
  }

  /// The gateway is about to stop: it still serves, and says that it is not ready.
  public func announceDrain() { isLeaving = true }

  /// Idle connections close soon, busy ones after their answer; the future is done when none is left.
  public func drain() -> EventLoopFuture<Void> {
    isDraining = true
    isLeaving = true
    let promise = drained ?? eventLoop.makePromise(of: Void.self)
    drained = promise
    for connection in Array(connections.values) { connection.drain() }
    if connections.isEmpty { promise.succeed() }
    return promise.futureResult
  }

  /// Cuts what is still open.
  public func closeAll() {
    for connection in Array(connections.values) { connection.cut() }
  }
}

/// Makes request ids that are unique without asking for randomness each time: 64 random bits at the start of
/// a loop, mixed with a counter, as 13 digits of base 32 (RFC 4648 section 7, in lower case).
///
/// In hexadecimal it would be one digit more than a string holds without memory of its own.
struct RequestIDGenerator {
  static let length = 13

  private var numbers: SplitMix64

  init(seed: UInt64) { numbers = SplitMix64(seed: seed) }

  /// No id comes twice.
  mutating func next() -> String {
    var rest = numbers.next()
    return String(unsafeUninitializedCapacity: Self.length) { digits in
      for index in (0..<Self.length).reversed() {
        let digit = UInt8(truncatingIfNeeded: rest & 0x1F)
        digits[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        rest >>= 5
      }
      return Self.length
    }
  }
}
