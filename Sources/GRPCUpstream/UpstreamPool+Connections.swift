internal import GRPCWire
internal import HTTP2
public import NIOCore

/// Connections: making them, keeping them, letting them go.
extension UpstreamPool: UpstreamConnectionDelegate {
  /// Sees to it that calls that wait have something to wait for: the first connection, or one more.
  func startAttemptIfNeeded() {
    // Connections whose health is not known or not good have their streams yet.
    guard connections.count < configuration.maximumConnections, connections.isEmpty || canServe else { return }
    startAttempt()
  }

  func startAttempt() {
    guard !isShutDown, attempt == nil else { return }
    reconnectTimer?.cancel()
    reconnectTimer = nil
    isDormant = false
    resources.counters.attempts += 1
    let handler = UpstreamConnectionHandler(eventLoop: eventLoop, configuration: configuration, delegate: self)
    let attempt = UpstreamConnectionAttempt(handler: handler) { [self] in attemptFailed($0) }
    self.attempt = attempt
    attempt.start(on: eventLoop, target: target, configuration: configuration)
  }

  /// An attempt is over; of its timeout and the close that follows from it only the first is heard.
  private func attemptFailed(_ failed: UpstreamConnectionAttempt) {
    guard attempt === failed else { return }
    attempt = nil
    let reason = failed.failure ?? failed.handler.lastFault.map { "\($0)" } ?? "it was closed before SETTINGS came"
    if reason != latestFailure {
      latestFailure = reason
      configuration.connectFailed?(target, reason)
    }
    resources.counters.attemptFailures += 1
    let delay = reconnect.attemptFailed(at: eventLoop.now, random: .random(in: 0..<1))
    if connections.isEmpty {
      scheduleReconnect(in: delay)
      giveUpWaiting(Self.unreachable)
    }
    upstream?.poolFailed(self)
  }

  private func scheduleReconnect(in delay: TimeAmount) {
    guard !isShutDown, attempt == nil else { return }
    reconnectTimer?.cancel()
    reconnectTimer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in startAttempt() }
  }

  func connectionReady(_ connection: UpstreamConnectionHandler) {
    guard let attempt, attempt.handler === connection else { return }
    attempt.succeeded()
    self.attempt = nil
    reconnect.connected()
    latestFailure = nil
    connections.append(connection)
    if let service = configuration.balancing.healthService, let route = routeOfHealth() {
      let watch = HealthWatch(service: service, route: route, connection: connection, pool: self)
      connection.healthWatch = watch
      watch.start()
    }
    // Those who wait now wait for a stream, and no longer than for one.
    waiting.shorten(to: eventLoop.now + configuration.maximumWait)
    placeWaiting()
    upstream?.poolChanged(self)
  }

  func connectionHasRoom(_ connection: UpstreamConnectionHandler) {
    upstream?.placeWaiting(at: self)
    placeWaiting()
  }

  func connectionDraining(_ connection: UpstreamConnectionHandler) {
    guard let index = connections.firstIndex(where: { $0 === connection }) else { return }
    connections.remove(at: index)
    draining.append(connection)
    connection.healthWatch?.stop()
    reconnectIfNeeded(after: connection)
    upstream?.poolFailed(self)
  }

  func connectionIdle(_ connection: UpstreamConnectionHandler) {
    // One is kept warm; those that a burst has brought go again.
    guard connections.count > 1, let index = connections.firstIndex(where: { $0 === connection }) else { return }
    connections.remove(at: index)
    draining.append(connection)
    connection.drain()
  }

  func connectionClosed(_ connection: UpstreamConnectionHandler) {
    if let attempt, attempt.handler === connection {
      attempt.abandon()
      attemptFailed(attempt)
    } else if let index = draining.firstIndex(where: { $0 === connection }) {
      draining.remove(at: index)
    } else if let index = connections.firstIndex(where: { $0 === connection }) {
      connections.remove(at: index)
      resources.counters.connectionsLost += 1
      reconnectIfNeeded(after: connection)
      upstream?.poolFailed(self)
    }
    finishShutdownIfDone()
  }

  private func reconnectIfNeeded(after connection: UpstreamConnectionHandler) {
    guard !isShutDown, connections.isEmpty, attempt == nil else { return }
    let now = eventLoop.now
    let delay = reconnect.connectionEnded(
      wasOfUse: connection.wasOfUse(at: now), at: now, random: .random(in: 0..<1))
    if delay == .zero {
      startAttempt()
    } else {
      scheduleReconnect(in: delay)
      giveUpWaiting(Self.unreachable)
    }
  }

  /// Connects for the sake of calls that wait elsewhere, if the time for another attempt has come.
  ///
  /// - Returns: whether there is something to wait for.
  func connectUnderDemand() -> Bool {
    if connections.isEmpty, reconnect.allowsAttemptUnderDemand(at: eventLoop.now) { startAttempt() }
    return isHopeful
  }

  /// Closes every connection, once its calls are over, until somebody calls again.
  func rest() {
    guard !isShutDown, !connections.isEmpty else { return }
    isDormant = true
    drainAll()
  }

  private func drainAll() {
    let open = connections
    connections.removeAll()
    draining += open
    for connection in open { connection.drain() }
  }

  /// The health of a connection has become known or has changed.
  func healthChanged() {
    if canServe { placeWaiting() } else if isEjected { giveUpWaiting(Self.notServing) }
    upstream?.poolChanged(self)
  }

  /// When a call last ended on one of the connections, or the youngest was made; nil without connections.
  var lastUse: NIODeadline? { connections.map(\.lastUse).max() }

  // MARK: The end

  /// Takes no more calls, and ends when those it has are over, however long they take.
  ///
  /// - Returns: the calls that wait and have to go elsewhere.
  func retire() -> [UpstreamCall] {
    isShutDown = true
    stopConnecting()
    let calls = waiting.takeAll()
    drainAll()
    finishShutdownIfDone()
    return calls
  }

  private func stopConnecting() {
    reconnectTimer?.cancel()
    // The close that follows is no failure.
    let abandoned = attempt
    attempt = nil
    abandoned?.abandon()
  }

  /// Ends the pool: no new calls, waiting ones fail, open ones may finish within `grace` and are cut then.
  ///
  /// - Returns: succeeds when every connection is closed.
  public func shutdown(grace: TimeAmount) -> EventLoopFuture<Void> {
    eventLoop.assertInEventLoop()
    if let shutdownPromise { return shutdownPromise.futureResult }
    let promise = eventLoop.makePromise(of: Void.self)
    shutdownPromise = promise
    isShutDown = true
    stopConnecting()
    for call in waiting.takeAll() { call.end(Self.shuttingDown) }
    drainAll()
    let timer = eventLoop.assumeIsolated().scheduleTask(in: grace) { [self] in
      for connection in draining { connection.closeNow() }
    }
    promise.futureResult.assumeIsolated().whenComplete { _ in timer.cancel() }
    finishShutdownIfDone()
    return promise.futureResult
  }

  private func finishShutdownIfDone() {
    guard isShutDown, draining.isEmpty else { return }
    shutdownPromise?.succeed()
    upstream?.poolGone(self)
  }
}
