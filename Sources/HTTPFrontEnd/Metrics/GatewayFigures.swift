public import GRPCUpstream

/// Everything the gateway has counted, of one event loop or merged over all.
public struct GatewayFigures: Sendable, Equatable {
  public var methods: [MethodIdentity: MethodFigures] = [:]
  /// Answers by HTTP status.
  public var statuses: [Int: Int] = [:]
  /// Errors that the gateway made, by their reason.
  public var reasons: [String: Int] = [:]
  public var requestBytes = 0
  public var responseBytes = 0
  public var connections = 0
  public var connectionsOpened = 0
  public var acceptPauses = 0
  public var writeStalls = 0
  public var tlsHandshakes = 0
  public var tlsHandshakesFailed = 0
  public var callsInFlight = 0
  public var callsWaiting = 0
  public var callsRefused = 0
  /// By the names that the configuration gives them.
  public var upstreams: [String: UpstreamFigures] = [:]
  public var logLinesDropped = 0

  public init() {}

  public mutating func merge(_ other: GatewayFigures) {
    methods.merge(other.methods) { one, other in
      var merged = one
      merged.merge(other)
      return merged
    }
    statuses.merge(other.statuses, uniquingKeysWith: +)
    reasons.merge(other.reasons, uniquingKeysWith: +)
    requestBytes += other.requestBytes
    responseBytes += other.responseBytes
    connections += other.connections
    connectionsOpened += other.connectionsOpened
    acceptPauses += other.acceptPauses
    writeStalls += other.writeStalls
    tlsHandshakes += other.tlsHandshakes
    tlsHandshakesFailed += other.tlsHandshakesFailed
    callsInFlight += other.callsInFlight
    callsWaiting += other.callsWaiting
    callsRefused += other.callsRefused
    upstreams.merge(other.upstreams) { one, other in
      var merged = one
      merged.merge(other)
      return merged
    }
    logLinesDropped += other.logLinesDropped
  }
}
