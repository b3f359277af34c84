import NIOCore

/// The two sockets of one connection, on their event loop.
final class Relay {
  private let client: any Channel
  private var server: (any Channel)?
  private let tapped: TappedConnection
  private let configuration: TapProxyConfiguration
  private let limits: TapLimits
  private var clientHandler: RelayHandler?
  private var serverHandler: RelayHandler?
  private var isJoined = false
  private var handshakeTimer: Scheduled<Void>?
  private var clientIsClosed = false
  private var serverIsClosed = false
  private var sampling: Scheduled<Void>?
  private var statistics: [TapSide: TCPStatistics] = [:]

  init(client: any Channel, tapped: TappedConnection, configuration: TapProxyConfiguration, limits: TapLimits) {
    self.client = client
    self.tapped = tapped
    self.configuration = configuration
    self.limits = limits
  }

  func handler(_ side: TapSide) -> RelayHandler {
    let rate = side == .client ? configuration.upRate : configuration.downRate
    let handler = RelayHandler(
      side: side, connection: tapped, shaper: TrafficShaper(delay: configuration.delay, rate: rate),
      maximumDelayedBytes: limits.maximumDelayedBytes, awaitsTLS: side == .server && configuration.tls != nil,
      onTLS: { [self] in join() }, onClose: { [self] in closed(side) })
    if side == .server { serverHandler = handler } else { clientHandler = handler }
    return handler
  }

  /// The remote is there; with TLS its handshake has still to come.
  func connected(to server: any Channel) {
    self.server = server
    guard !clientIsClosed, let serverHandler else {
      server.close(promise: nil)
      return
    }
    server.setOption(.autoRead, value: true).whenFailure { _ in }
    guard serverHandler.awaitsTLS else { return join() }
    handshakeTimer = server.eventLoop.assumeIsolated().scheduleTask(in: configuration.connectTimeout) { [self] in
      tapped.say("SERVER error, the TLS handshake timed out")
      server.close(mode: .all, promise: nil)
    }
  }

  /// Until here nothing is read of the client: TLS would keep, without a bound, what cannot be encrypted yet.
  private func join() {
    handshakeTimer?.cancel()
    guard !clientIsClosed, !serverIsClosed, !isJoined, let clientHandler, let serverHandler else { return }
    isJoined = true
    RelayHandler.join(clientHandler, serverHandler)
    client.setOption(.autoRead, value: true).whenFailure { _ in }
    if configuration.hasStatistics { startSampling() }
  }

  private func closed(_ side: TapSide) {
    switch side {
    case .client:
      guard !clientIsClosed else { return }
      clientIsClosed = true
      tapped.say("Client connection closed")
    case .server:
      guard !serverIsClosed else { return }
      serverIsClosed = true
      tapped.say("Server connection closed")
    }
    if !isJoined {
      handshakeTimer?.cancel()
      (side == .client ? server : client)?.close(promise: nil)
    }
    if clientIsClosed, serverIsClosed || server == nil { ended() }
  }

  private func ended() {
    sampling?.cancel()
    tapped.closed()
    if configuration.hasStatistics {
      let parts = TapSide.allCases.map { side in
        let octets = side == .client ? "\(tapped.up) octets up" : "\(tapped.down) octets down"
        return "\(side == .client ? "client" : "server"): \(octets), \((statistics[side] ?? TCPStatistics()).text)"
      }
      tapped.say(parts.joined(separator: "; "))
    }
    clientHandler = nil
    serverHandler = nil
  }

  // MARK: Statistics

  /// A quarter of a second: short connections are caught, and long ones cost little.
  private static let samplingInterval = TimeAmount.milliseconds(250)

  /// The kernel tells nothing of a socket that is closed, so it is asked now and then while it is open.
  private func startSampling() {
    sample()
  }

  private func sample() {
    sampling = client.eventLoop.assumeIsolated().scheduleTask(in: Self.samplingInterval) { [weak self] in
      self?.sample()
    }
    for (side, channel) in [(TapSide.client, client), (.server, server ?? client)] {
      TCPStatistics.read(from: channel).assumeIsolated().whenSuccess { [weak self] found in
        if let found { self?.statistics[side] = found }
      }
    }
  }
}
