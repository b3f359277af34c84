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
    guard waiting.count < configuration.maximumWaitingCalls else {
      resources.counters.overloaded += 1
      endLater(call, UpstreamPool.overloaded)
      return
    }
    call.upstream = self
    call.waitsUntil = eventLoop.now + configuration.connectTimeout
    waiting.append(call)
    scheduleWaitTimer(at: call.waitsUntil)
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
    waiting.removeAll { $0 === call }
  }

  /// An address is there.
  func placeWaiting() {
    guard !waiting.isEmpty else { return }
    for call in takeWaiting() { place(call, avoiding: nil) }
  }

  /// Nothing is under way any more that calls could wait for.
  func failWaitingIfHopeless() {
    guard !waiting.isEmpty, !isResolving, !pools.contains(where: \.isHopeful) else { return }
    resources.counters.unreachable += waiting.count
    for call in takeWaiting() { call.end(unreachable) }
  }

  func takeWaiting() -> [UpstreamCall] {
    let calls = waiting
    waiting.removeAll()
    waitTimer?.cancel()
    waitTimer = nil
    return calls
  }

  private func scheduleWaitTimer(at deadline: NIODeadline) {
    guard waitTimer == nil else { return }
    waitTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.waitElapsed() }
  }

  private func waitElapsed() {
    waitTimer = nil
    let now = eventLoop.now
    let late = waiting.filter { $0.waitsUntil <= now }
    waiting.removeAll { $0.waitsUntil <= now }
    if let next = waiting.lazy.map(\.waitsUntil).min() { scheduleWaitTimer(at: next) }
    resources.counters.unreachable += late.count
    for call in late { call.end(unreachable) }
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
