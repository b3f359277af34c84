internal import NIOCore
internal import NIOPosix

/// One attempt to connect: TCP, TLS where it is wanted, and the upstream's SETTINGS, within one timeout.
final class UpstreamConnectionAttempt {
  private enum Phase {
    /// No SETTINGS yet. -> over
    case underWay
    /// It has succeeded, failed, or is not wanted any more.
    case over
  }

  let handler: UpstreamConnectionHandler
  private let failed: (UpstreamConnectionAttempt) -> Void
  private var phase = Phase.underWay
  private var timer: Scheduled<Void>?
  private var channel: (any Channel)?
  /// Why it failed, as far as that was said.
  private(set) var failure: String?

  /// - Parameter failed: called when no socket could be connected or the time is over, at most once. A socket that is
  ///   closed too early is the handler's to report.
  init(handler: UpstreamConnectionHandler, failed: @escaping (UpstreamConnectionAttempt) -> Void) {
    self.handler = handler
    self.failed = failed
  }

  func start(on eventLoop: any EventLoop, target: UpstreamTarget, configuration: UpstreamConfiguration) {
    timer = eventLoop.assumeIsolated().scheduleTask(in: configuration.connectTimeout) { [self] in
      fail("no SETTINGS within \(configuration.connectTimeout.nanoseconds / 1_000_000) ms")
    }
    let handler = NIOLoopBound(handler, eventLoop: eventLoop)
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let security = configuration.security
    let prepareChannel = configuration.prepareChannel
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(configuration.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try security?.addHandlers(to: channel, target: target) { [weak attempt = bound.value] in attempt?.note($0) }
          try prepareChannel?(channel)
          try channel.pipeline.syncOperations.addHandler(handler.value)
        }
      }
    let connecting = target.address.map { bootstrap.connect(to: $0) }
    (connecting ?? bootstrap.connect(host: target.host, port: target.port))
      .assumeIsolated()
      .whenComplete { [self] result in
        switch (result, phase) {
        case (.success(let channel), .underWay): self.channel = channel
        case (.success(let channel), .over): channel.close(promise: nil)
        case (.failure(let error), .underWay): fail(ConnectErrorText.reason(error))
        case (.failure, .over): break
        }
      }
  }

  private func fail(_ reason: String) {
    guard case .underWay = phase else { return }
    note(reason)
    abandon()
    failed(self)
  }

  /// The first reason is the cause; what follows comes of it.
  private func note(_ reason: String) {
    if failure == nil { failure = reason }
  }

  /// The upstream's SETTINGS are here.
  func succeeded() {
    phase = .over
    timer?.cancel()
    channel = nil
  }

  /// Nobody waits for it any more.
  func abandon() {
    guard case .underWay = phase else { return }
    phase = .over
    timer?.cancel()
    channel?.close(promise: nil)
    channel = nil
  }
}
