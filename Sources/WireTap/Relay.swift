import NIOCore

/// The two sockets of one connection, on their event loop.
final class Relay {
  private let client: any Channel
  private var server: (any Channel)?
  private let tapped: TappedConnection
  private let configuration: TapProxyConfiguration
  private let limits: TapLimits
  private var serverHandler: RelayHandler?
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
      maximumDelayedBytes: limits.maximumDelayedBytes
    ) { [self] in closed(side) }
    if side == .server { serverHandler = handler }
    return handler
  }

  func connected(to server: any Channel, client handler: RelayHandler) {
    self.server = server
    guard !clientIsClosed, let serverHandler else {
      server.close(promise: nil)
      return
    }
    RelayHandler.join(handler, serverHandler)
    client.setOption(.autoRead, value: true).whenFailure { _ in }
    server.setOption(.autoRead, value: true).whenFailure { _ in }
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
