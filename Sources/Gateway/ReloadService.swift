public import Logging
public import ServiceLifecycle

/// Reads everything anew on each signal of a sequence, and serves it when it holds; else all stays as it was.
public struct ReloadService<Signals: AsyncSequence & Sendable>: Service where Signals.Element: Sendable {
  private let signals: @Sendable () async -> Signals
  private let server: GatewayServer
  private let started: GatewaySettings
  private let load: @Sendable () throws -> GatewaySettings
  private let logger: Logger

  /// - Parameters:
  ///   - started: what the server was started with.
  ///   - load: reads the sources; throws a `GatewayFailure` with every fault.
  public init(
    signals: @escaping @Sendable () async -> Signals, server: GatewayServer, started: GatewaySettings, logger: Logger,
    load: @escaping @Sendable () throws -> GatewaySettings
  ) {
    self.signals = signals
    self.server = server
    self.started = started
    self.load = load
    self.logger = logger
  }

  public func run() async throws {
    for try await _ in await signals().cancelOnGracefulShutdown() { await reload() }
  }

  /// One reload, whole or not at all.
  func reload() async {
    do {
      let settings = try load()
      let description = try await settings.loadDescription(logger: logger)
      try await server.reload(
        description: description, frontEnd: settings.frontEndConfiguration, retries: try settings.retryPolicies())
      for setting in Setting.all where !setting.isReloadable {
        guard setting.values(settings) != setting.values(started) else { continue }
        logger.warning("reload: \(setting.key) is read at the start only; it stays as it is")
      }
      if settings.upstreams != started.upstreams {
        logger.warning("reload: upstreams is read at the start only; it stays as it is")
      }
      logger.notice("reloaded: \(description.routes.count) routes")
    } catch let failure as GatewayFailure {
      for line in failure.lines { logger.error("reload: \(line)") }
      logger.error("reload failed: everything stays as it was")
    } catch {
      logger.error("reload failed: everything stays as it was (\(error))")
    }
  }
}
