internal import GRPCWire
internal import HTTP2
public import NIOCore

/// Connections: making them, keeping them, letting them go.
extension UpstreamPool: UpstreamConnectionDelegate {
  /// Sees to it that calls that wait have something to wait for: the first connection, or one more.
  func startAttemptIfNeeded() {
    guard connections.count < configuration.maximumConnections else { return }
    startAttempt()
  }

  func startAttempt() {
    guard !isShutDown, attempt == nil else { return }
    reconnectTimer?.cancel()
    reconnectTimer = nil
    let handler = UpstreamConnectionHandler(eventLoop: eventLoop, configuration: configuration, delegate: self)
    let attempt = UpstreamConnectionAttempt(handler: handler) { [weak self] in self?.attemptFailed() }
    self.attempt = attempt
    attempt.start(on: eventLoop, target: target, configuration: configuration)
  }

  private func attemptFailed() {
    let reason =
      attempt?.failure ?? attempt?.handler.lastFault.map { "\($0)" } ?? "it was closed before SETTINGS came"
    attempt = nil
    if reason != latestFailure {
      latestFailure = reason
      configuration.connectFailed?(target, reason)
    }
    let delay = reconnect.attemptFailed(at: eventLoop.now, random: .random(in: 0..<1))
    if connections.isEmpty {
      scheduleReconnect(in: delay)
      failWaiting(Self.unreachable)
    }
  }

  private func scheduleReconnect(in delay: TimeAmount) {
    guard !isShutDown, attempt == nil else { return }
    reconnectTimer?.cancel()
    reconnectTimer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in self?.startAttempt() }
  }

  func connectionReady(_ connection: UpstreamConnectionHandler) {
    guard let attempt, attempt.handler === connection else { return }
    attempt.succeeded()
    self.attempt = nil
    reconnect.connected()
    latestFailure = nil
    connections.append(connection)
    // Those who wait now wait for a stream, and no longer than for one.
    let until = eventLoop.now + configuration.maximumWait
    for call in waiting { call.waitsUntil = min(call.waitsUntil, until) }
    waitTimer?.cancel()
    waitTimer = nil
    placeWaiting()
    if !waiting.isEmpty { scheduleWaitTimer(at: until) }
  }

  func connectionHasRoom(_ connection: UpstreamConnectionHandler) {
    placeWaiting()
  }

  func connectionDraining(_ connection: UpstreamConnectionHandler) {
    guard let index = connections.firstIndex(where: { $0 === connection }) else { return }
    connections.remove(at: index)
    draining.append(connection)
    reconnectIfNeeded(after: connection)
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
      attemptFailed()
    } else if let index = draining.firstIndex(where: { $0 === connection }) {
      draining.remove(at: index)
    } else if let index = connections.firstIndex(where: { $0 === connection }) {
      connections.remove(at: index)
      reconnectIfNeeded(after: connection)
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
      failWaiting(Self.unreachable)
    }
  }

  // MARK: The end

  /// Ends the pool: no new calls, waiting ones fail, open ones may finish within `grace` and are cut then.
  ///
  /// - Returns: succeeds when every connection is closed.
  public func shutdown(grace: TimeAmount) -> EventLoopFuture<Void> {
    eventLoop.assertInEventLoop()
    if let shutdownPromise { return shutdownPromise.futureResult }
    let promise = eventLoop.makePromise(of: Void.self)
    shutdownPromise = promise
    isShutDown = true
    reconnectTimer?.cancel()
    attempt?.abandon()
    attempt = nil
    failWaiting(.failure(.shutdown, .unavailable, "the gateway is shutting down"))
    for connection in connections {
      draining.append(connection)
      connection.drain()
    }
    connections.removeAll()
    let timer = eventLoop.assumeIsolated().scheduleTask(in: grace) { [self] in
      for connection in draining { connection.closeNow() }
    }
    promise.futureResult.assumeIsolated().whenComplete { _ in timer.cancel() }
    finishShutdownIfDone()
    return promise.futureResult
  }

  private func finishShutdownIfDone() {
    if isShutDown, draining.isEmpty { shutdownPromise?.succeed() }
  }
}
