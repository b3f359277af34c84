internal import GRPCWire
internal import NIOCore

/// Calls without an address: finding one, waiting until there is one.
extension BalancedUpstream {
  /// Gives a call to an address, or lets it wait, or fails it later.
  func place(_ call: UpstreamCall, avoiding avoided: UpstreamPool?) {
    guard !isShutDown else {
      endLater(call, UpstreamPool.shuttingDown)
      return
    }
    if !isBalancing, let pool = pools.first {
      pool.place(call)
      return
    }
    if let pool = pick(avoiding: avoided) {
      pool.place(call)
      return
    }
    guard isReachableUnderDemand() else {
      resources.counters.unreachable += 1
      endLater(call, unreachable)
      return
    }
    guard waiting.join(call, until: eventLoop.now + configuration.connectTimeout) else {
      resources.counters.overloaded += 1
      endLater(call, UpstreamPool.overloaded)
      return
    }
    call.upstream = self
  }

  /// Whether an address may be found or connected soon; brings that forward.
  private func isReachableUnderDemand() -> Bool {
    resolveIfUnknown()
    var isHopeful = isResolving
    for pool in pools where pool.connectUnderDemand() { isHopeful = true }
    return isHopeful
  }

  /// A waiting call was cancelled.
  func forget(_ call: UpstreamCall) {
    waiting.leave(call)
  }

  /// An address is there.
  func placeWaiting() {
    guard !waiting.isEmpty else { return }
    for call in waiting.takeAll() { place(call, avoiding: nil) }
  }

  /// Nothing is under way any more that calls could wait for.
  func failWaitingIfHopeless() {
    guard !waiting.isEmpty, !isResolving, !pools.contains(where: \.isHopeful) else { return }
    resources.counters.unreachable += waiting.count
    for call in waiting.takeAll() { call.end(unreachable) }
  }

  /// No address has come in time.
  func waitedTooLong(_ calls: [UpstreamCall]) {
    resources.counters.unreachable += calls.count
    for call in calls { call.end(unreachable) }
  }

  /// An address may have streams to spare: those who wait for a stream get them, at whichever address they wait, the one
  /// whose time is over first before the others.
  func placeWaiting(at pool: UpstreamPool) {
    guard isBalancing, !isShutDown else { return }
    while pool.hasFreeStream, let other = longestWaiting, pool.takeOverFirst(of: other) {}
  }

  /// The address whose first in line has to be helped first.
  private var longestWaiting: UpstreamPool? {
    var found: (pool: UpstreamPool, until: NIODeadline)?
    for pool in pools {
      guard let until = pool.waiting.firstUntil, found.map({ until < $0.until }) ?? true else { continue }
      found = (pool, until)
    }
    return found?.pool
  }

  private func endLater(_ call: UpstreamCall, _ end: CallEnd) {
    eventLoop.assumeIsolated().execute { call.end(end) }
  }

  private var unreachable: CallEnd {
    if pools.contains(where: \.isEjected) { return UpstreamPool.notServing }
    guard pools.isEmpty else { return UpstreamPool.unreachable }
    return .failure(.unreachable, .unavailable, "the upstream's name cannot be resolved")
  }
}
