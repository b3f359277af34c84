public import NIOCore
public import ServiceLifecycle

/// Runs a gateway within a service group: serves until the group's graceful shutdown, then drains.
public struct GatewayService: Service {
  private let server: GatewayServer
  private let delay: TimeAmount
  private let grace: TimeAmount
  private let onListening: @Sendable (SocketAddressText) async throws -> Void

  /// - Parameter onListening: called with the bound address once callers can connect.
  public init(
    server: GatewayServer, delay: TimeAmount = .zero, grace: TimeAmount,
    onListening: @escaping @Sendable (SocketAddressText) async throws -> Void
  ) {
    self.server = server
    self.delay = delay
    self.grace = grace
    self.onListening = onListening
  }

  public func run() async throws {
    do {
      let address = try await server.start()
      try await onListening(address)
      try await gracefulShutdown()
    } catch is CancellationError {
      // Stopped without grace.
      await server.stop(grace: .zero)
      return
    } catch {
      await server.stop(grace: .zero)
      throw error
    }
    await server.stop(delay: delay, grace: grace)
  }
}
