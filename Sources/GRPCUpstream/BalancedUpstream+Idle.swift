internal import NIOCore

/// Rest: connections that nobody has used for long are closed, all of an upstream's at once, so that no address is
/// forgotten while the others work.
extension BalancedUpstream {
  private var timeout: TimeAmount { configuration.balancing.idleTimeout }

  /// There is a connection: from now on its idleness counts.
  func watchForIdleness() {
    guard idleTimer == nil, timeout > .zero else { return }
    scheduleIdleCheck(at: eventLoop.now + timeout)
  }

  private func scheduleIdleCheck(at deadline: NIODeadline) {
    idleTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.idleElapsed() }
  }

  private func idleElapsed() {
    idleTimer = nil
    guard !isShutDown, let lastUse = pools.compactMap(\.lastUse).max() else { return }
    let now = eventLoop.now
    guard openCalls == 0, waitingCalls == 0 else { return scheduleIdleCheck(at: now + timeout) }
    guard now - lastUse >= timeout else { return scheduleIdleCheck(at: lastUse + timeout) }
    for pool in pools { pool.rest() }
    nobodyIsReady()
  }
}
