/// What one event loop counts of one upstream: plain integers, read and written on the loop alone.
struct UpstreamCounters {
  var attempts = 0
  var attemptFailures = 0
  /// Connections that ended otherwise than by our own doing.
  var connectionsLost = 0
  var transparentRetries = 0
  var policyRetries = 0
  /// Retries that were not made since too many calls fail.
  var retriesThrottled = 0
  /// Calls that failed since as many as may were waiting, or waited for as long as they may.
  var overloaded = 0
  /// Calls that failed since no address could be reached.
  var unreachable = 0
  var resolutionsFound = 0
  var resolutionFailures = 0
}

/// How one upstream stands and what was counted of it, of one event loop or merged over several.
public struct UpstreamFigures: Sendable, Equatable {
  /// Addresses that are used now.
  public var addresses = 0
  public var connectionsReady = 0
  public var connectionsConnecting = 0
  /// Taking no more calls, but finishing those they have.
  public var connectionsDraining = 0
  /// Addresses without a connection whose last attempt failed.
  public var addressesFailing = 0
  /// Addresses that are connected and say that they do not serve.
  public var addressesEjected = 0
  public var streams = 0
  public var waiting = 0
  public var attempts = 0
  public var attemptFailures = 0
  public var connectionsLost = 0
  public var transparentRetries = 0
  public var policyRetries = 0
  public var retriesThrottled = 0
  public var overloaded = 0
  public var unreachable = 0
  public var resolutionsFound = 0
  public var resolutionFailures = 0

  public init() {}

  public mutating func merge(_ other: UpstreamFigures) {
    // Every loop has the same addresses; what differs is how it finds them.
    addresses = max(addresses, other.addresses)
    addressesFailing = max(addressesFailing, other.addressesFailing)
    addressesEjected = max(addressesEjected, other.addressesEjected)
    connectionsReady += other.connectionsReady
    connectionsConnecting += other.connectionsConnecting
    connectionsDraining += other.connectionsDraining
    streams += other.streams
    waiting += other.waiting
    attempts += other.attempts
    attemptFailures += other.attemptFailures
    connectionsLost += other.connectionsLost
    transparentRetries += other.transparentRetries
    policyRetries += other.policyRetries
    retriesThrottled += other.retriesThrottled
    overloaded += other.overloaded
    unreachable += other.unreachable
    resolutionsFound += other.resolutionsFound
    resolutionFailures += other.resolutionFailures
  }

  init(_ counters: UpstreamCounters) {
    attempts = counters.attempts
    attemptFailures = counters.attemptFailures
    connectionsLost = counters.connectionsLost
    transparentRetries = counters.transparentRetries
    policyRetries = counters.policyRetries
    retriesThrottled = counters.retriesThrottled
    overloaded = counters.overloaded
    unreachable = counters.unreachable
    resolutionsFound = counters.resolutionsFound
    resolutionFailures = counters.resolutionFailures
  }
}
