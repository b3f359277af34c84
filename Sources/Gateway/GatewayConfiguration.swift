public import GRPCUpstream
public import HTTPFrontEnd
public import NIOCore

/// What a gateway is started with.
public struct GatewayConfiguration: Sendable {
  /// Where callers reach it.
  public var listen: SocketAddressText
  /// Where the gRPC server is, or the servers, when the name has several addresses.
  public var upstream: UpstreamName?
  /// Other servers, for some of the services or paths; `upstream` serves the rest, and may be missing when there is none.
  public var upstreams: [UpstreamDefinition] = []
  /// Which calls that failed are made again.
  public var retries = RetryPolicies()
  /// How names are resolved.
  public var resolver = NameResolver.system
  /// Event loops; each has its own share of connections and its own connections upstream.
  public var threads = 1
  /// Whether `/healthz`, `/readyz`, `/openapi.json` and `/openapi.yaml` are answered.
  public var servesBuiltInEndpoints = true
  /// Where health, metrics and OpenAPI are reached apart from the callers.
  public var adminListen: SocketAddressText?
  /// How long `/readyz` says 503 before the gateway stops accepting.
  public var drainDelay: TimeAmount = .zero
  /// How calls are logged on standard output, if at all.
  public var accessLog: AccessLogFormat?
  /// The open file that the log is written to: standard output, except in tests.
  var accessLogDescriptor: Int32 = 1
  /// TLS towards callers; cleartext when nil. The admin listener has none.
  public var security: DownstreamTransportSecurity?
  public var frontEnd = FrontEndConfiguration()
  /// How answers are written.
  public var answerStyle = AnswerStyle()
  public var upstreamLimits = UpstreamConfiguration()

  /// Sites whose pages may open WebSockets beside those of the gateway's own host.
  public var webSocketOrigins: [String] {
    get { frontEnd.webSocket.allowedOrigins }
    set { frontEnd.webSocket.allowedOrigins = newValue }
  }

  public init(listen: SocketAddressText, upstream: UpstreamName?) {
    self.listen = listen
    self.upstream = upstream
  }

  public init(listen: SocketAddressText, upstream: SocketAddressText) {
    self.init(listen: listen, upstream: UpstreamName(host: upstream.host, port: upstream.port))
  }

  /// Where the upstreams are, for people.
  public var upstreamNames: String { allUpstreams.map(\.target.description).joined(separator: " and ") }

  /// In the order in which event loops keep them.
  var allUpstreams: [UpstreamDefinition] {
    (upstream.map { [UpstreamDefinition(name: UpstreamDefinition.defaultName, target: $0)] } ?? []) + upstreams
  }

  /// What the upstreams have that a description does not, and the other way round; a line each.
  public func faults(in description: ServiceDescription) -> [String] {
    UpstreamRouting(allUpstreams).faults(in: description)
  }

  /// The limits of one event loop: each has its share of the calls, rounded up, so that none asks another.
  var frontEndShare: FrontEndConfiguration {
    var share = frontEnd
    let loops = max(1, threads)
    share.maximumCallsInFlight = (frontEnd.maximumCallsInFlight + loops - 1) / loops
    share.maximumCallsWaiting = (frontEnd.maximumCallsWaiting + loops - 1) / loops
    return share
  }

  /// Adds handlers next to the sockets: of callers' channels, and of those to the upstream behind what is there already.
  public mutating func prepareChannels(
    downstream: @escaping @Sendable (any Channel) throws -> Void,
    upstream: @escaping @Sendable (any Channel) throws -> Void
  ) {
    frontEnd.prepareChannel = downstream
    let prepare = upstreamLimits.prepareChannel
    upstreamLimits.prepareChannel = { channel in
      try prepare?(channel)
      try upstream(channel)
    }
  }
}

/// A host and a port as one text, such as `127.0.0.1:8080`, `[::1]:8080`, `:8080` or `8080`.
public struct SocketAddressText: Sendable, Equatable, CustomStringConvertible {
  /// Without brackets.
  public var host: String
  public var port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// `nil` when the text is not a host and a port from 0 to 65535.
  public init?(_ text: String, defaultHost: String = "127.0.0.1") {
    var host = ""
    var port = text[...]
    if let colon = text.lastIndex(of: ":") {
      host = String(text[..<colon])
      port = text[text.index(after: colon)...]
    }
    guard !port.isEmpty, port.allSatisfy(\.isASCII), let number = UInt16(port) else { return nil }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
      guard host.contains(":") else { return nil }
    } else if host.contains(":") {
      return nil
    }
    guard host.allSatisfy({ !$0.isWhitespace && $0 != "/" && $0 != "@" }) else { return nil }
    self.init(host: host.isEmpty ? defaultHost : host, port: Int(number))
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
