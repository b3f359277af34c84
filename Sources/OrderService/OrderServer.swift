import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import SwiftProtobuf

/// The gRPC server of `order.OrderManagement`, with health and reflection beside it.
///
/// `run` serves until the graceful shutdown of its service group, or `beginGracefulShutdown`: health then
/// says NOT_SERVING, new calls are refused, and those in flight may go on for the grace of the
/// configuration.
public final class OrderServer: Service {
  private typealias Transport = HTTP2ServerTransport.Custom<OrderListenerFactory>

  private let configuration: OrderServerConfiguration
  private let address = ListeningAddress()
  private let shutdown = AsyncStream.makeStream(of: Never.self)

  public init(configuration: OrderServerConfiguration) {
    self.configuration = configuration
  }

  /// The bound address, once the server listens; throws what `run` threw if it never does.
  public var listeningAddress: OrderServerAddress {
    get async throws { try await address.value }
  }

  public func beginGracefulShutdown() {
    shutdown.continuation.finish()
  }

  /// Opens the database, listens, and serves. May be called once.
  ///
  /// - Throws: `OrderServerError` if it cannot start.
  public func run() async throws {
    do {
      try await withGracefulShutdownHandler {
        try await serve()
      } onGracefulShutdown: {
        self.beginGracefulShutdown()
      }
      address.settle(.failure(OrderServerError.notListening))
    } catch let error as RuntimeError where error.code == .serverIsStopped {
      // The shutdown began before the server did.
      address.settle(.failure(OrderServerError.notListening))
    } catch {
      let cause = (error as? RuntimeError)?.cause as? OrderServerError ?? error
      address.settle(.failure(cause))
      throw cause
    }
  }

  private func serve() async throws {
    let store = try OrderStore(configuration.database)
    defer { close(store) }
    let descriptors = try DescriptorIndex(
      Google_Protobuf_FileDescriptorSet(serializedBytes: serviceDescriptorSet))
    let health = HealthBoard(services: descriptors.services)
    let accepted = AcceptedConnections()
    let server = GRPCServer(
      transport: makeTransport(accepted),
      services: [
        OrderManagementService(store: store, health: health), HealthService(board: health),
        ReflectionService(index: descriptors),
      ])
    // Not a child: it must not be cancelled before its connections are closed.
    let serving = Task(executorPreference: EventLoopTaskExecutor(configuration.eventLoopGroup.any())) {
      try await server.serve()
    }
    try await withThrowingTaskGroup { group in
      group.addTask { try await serving.value }
      group.addTask { [self] in
        for await _ in shutdown.stream {}
        configuration.logger.info("draining")
        health.drain()
        server.beginGracefulShutdown()
        try await Task.sleep(for: configuration.shutdownGrace)
      }
      // Either the server has ended, or the grace has, or this task is cancelled; what is left is cut.
      let first = await group.nextResult()
      await accepted.closeAll()
      serving.cancel()
      group.cancelAll()
      try first?.get()
    }
  }

  private func makeTransport(_ accepted: AcceptedConnections) -> Transport {
    var config = Transport.Config.defaults
    config.compression.enabledAlgorithms = [.gzip, .deflate]
    // Uploads of many small messages: a window of one round trip at 1 Gbit/s and 4 ms.
    config.http2.targetWindowSize = 512 << 10
    config.connection.maxGraceTime = configuration.shutdownGrace
    // Of the PINGs that `ControlFrameHandler` hands on none is a strike.
    config.connection.keepalive.clientBehavior.allowWithoutCalls = true
    config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .zero
    config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandler(ResponseEncodingHandler(), position: .first)
        try ControlFrameHandler.streamOpened(stream)
      }
    }
    return Transport(
      listenerFactory: OrderListenerFactory(
        host: configuration.host, port: configuration.port, posixEventLoopGroup: configuration.eventLoopGroup,
        accepted: accepted
      ) { [address, configuration] bound in
        configuration.logger.info("listening", metadata: ["address": "\(bound)"])
        address.settle(.success(bound))
      },
      config: config)
  }

  private func close(_ store: OrderStore) {
    do {
      try store.close()
    } catch {
      configuration.logger.warning("the order store did not close", metadata: ["error": "\(error)"])
    }
  }
}
