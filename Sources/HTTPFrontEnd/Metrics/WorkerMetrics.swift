import ErrorBody
public import Transcoding

/// What one event loop counts: plain integers, read and written on the loop alone and merged when somebody asks.
///
/// Every label has a bounded set of values: methods are those of the schema, codes and reasons closed lists. What a
/// caller sends never becomes a label.
final class WorkerMetrics {
  /// Statuses a gateway may answer with: three digits.
  private var statuses = [Int](repeating: 0, count: 600)
  private var reasons: [GatewayError.Reason: Int] = [:]
  private var methods: [MethodIdentity: MethodMetrics] = [:]
  var requestBytes = 0
  var responseBytes = 0
  var connectionsOpened = 0
  var writeStalls = 0
  var tlsHandshakes = 0
  var tlsHandshakesFailed = 0

  /// The counters of a method; those of a method that a reload has kept go on.
  func method(_ identity: MethodIdentity) -> MethodMetrics {
    if let known = methods[identity] { return known }
    let made = MethodMetrics()
    methods[identity] = made
    return made
  }

  func answered(_ status: Int) {
    if statuses.indices.contains(status) { statuses[status] += 1 }
  }

  func failed(_ reason: GatewayError.Reason) { reasons[reason, default: 0] += 1 }

  var figures: GatewayFigures {
    var figures = GatewayFigures()
    for (status, count) in statuses.enumerated() where count > 0 { figures.statuses[status] = count }
    for (reason, count) in reasons { figures.reasons[reason.rawValue] = count }
    for (identity, method) in methods { figures.methods[identity] = method.values }
    figures.requestBytes = requestBytes
    figures.responseBytes = responseBytes
    figures.connectionsOpened = connectionsOpened
    figures.writeStalls = writeStalls
    figures.tlsHandshakes = tlsHandshakes
    figures.tlsHandshakesFailed = tlsHandshakesFailed
    return figures
  }
}

/// A method as a label names it.
public struct MethodIdentity: Sendable, Hashable, Comparable {
  /// `package.Service/Method`.
  public var name: String
  public var mode: StreamingMode

  public init(name: String, mode: StreamingMode) {
    self.name = name
    self.mode = mode
  }

  public static func < (one: MethodIdentity, other: MethodIdentity) -> Bool { one.name < other.name }
}
