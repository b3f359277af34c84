internal import NIOCore
internal import NIOPosix

/// One attempt to connect: TCP, and the upstream's SETTINGS, within one timeout.
final class UpstreamConnectionAttempt {
  private enum Phase {
    /// No SETTINGS yet. -> over
    case underWay
    /// It has succeeded, failed, or is not wanted any more.
    case over
  }

  let handler: UpstreamConnectionHandler
  private let failed: () -> Void
  private var phase = Phase.underWay
  private var timer: Scheduled<Void>?
  private var channel: (any Channel)?

  /// - Parameter failed: called when no socket could be connected or the time is over, at most once. A socket that is
  ///   closed too early is the handler's to report.
  init(handler: UpstreamConnectionHandler, failed: @escaping () -> Void) {
    self.handler = handler
    self.failed = failed
  }

  func start(on eventLoop: any EventLoop, target: UpstreamTarget, configuration: UpstreamConfiguration) {
    timer = eventLoop.assumeIsolated().scheduleTask(in: configuration.connectTimeout) { [self] in fail() }
    let handler = NIOLoopBound(handler, eventLoop: eventLoop)
    let prepareChannel = configuration.prepareChannel
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(configuration.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
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
        case (.failure, .underWay): fail()
        case (.failure, .over): break
        }
      }
  }

  private func fail() {
    guard case .underWay = phase else { return }
    abandon()
    failed()
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
