internal import NIOCore

/// Names: finding the addresses, and finding them again.
extension BalancedUpstream {
  /// No address is known yet: asks for them, unless that has just failed.
  func resolveIfUnknown() {
    guard pools.isEmpty, !isResolving, resolution.wanted(at: eventLoop.now) <= eventLoop.now else { return }
    resolve()
  }

  /// A connection was lost or could not be made: the name may have moved.
  func resolveAgain() {
    guard case .dns = name.kind, !isResolving else { return }
    scheduleResolution(at: resolution.wanted(at: eventLoop.now))
  }

  private func resolve() {
    guard case .dns(let host, let port) = name.kind, !isResolving, !isShutDown else { return }
    resolutionTimer?.timer.cancel()
    resolutionTimer = nil
    isResolving = true
    resolver.addresses(of: host, port: port, on: eventLoop).assumeIsolated().whenComplete { [weak self] result in
      self?.resolved(result)
    }
  }

  private func resolved(_ result: Result<[SocketAddress], any Error>) {
    isResolving = false
    guard !isShutDown else { return }
    let now = eventLoop.now
    if case .success(let addresses) = result, !addresses.isEmpty {
      resolutionFailed = false
      resources.counters.resolutionsFound += 1
      if let next = resolution.succeeded(at: now) { scheduleResolution(at: next) }
      use(addresses.map(target))
      // Those who rest are called when somebody calls.
      if state != .dormant { for pool in pools where pool.state == .idle { pool.connect() } }
      placeWaiting()
    } else {
      resolutionFailed = true
      resources.counters.resolutionFailures += 1
      scheduleResolution(at: resolution.failed(at: now, random: .random(in: 0..<1)))
      failWaitingIfHopeless()
    }
  }

  private func target(_ address: SocketAddress) -> UpstreamTarget {
    guard case .dns(let host, let port) = name.kind else { return UpstreamTarget(host: "", port: 0, address: address) }
    return UpstreamTarget(host: host, port: port, address: address)
  }

  /// The earlier of two dates holds.
  private func scheduleResolution(at due: NIODeadline) {
    if let resolutionTimer {
      guard due < resolutionTimer.due else { return }
      resolutionTimer.timer.cancel()
    }
    let timer = eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
      self?.resolutionTimer = nil
      self?.resolve()
    }
    resolutionTimer = (due, timer)
  }
}
