import GRPCUpstream
import HTTPFrontEnd
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens for HTTP/1.1 and serves a description's routes by calls to its upstream.
///
/// Each event loop has a `Worker` of its own: connections are handed to the loops in turn and stay there,
/// with their calls. Nothing on a request's way is shared between loops.
public final class GatewayServer: Sendable {
  private let configuration: GatewayConfiguration
  private let description: ServiceDescription
  private let logger: Logger
  private let group: MultiThreadedEventLoopGroup
  private let running = NIOLockedValueBox<Running?>(nil)

  public init(configuration: GatewayConfiguration, description: ServiceDescription, logger: Logger) {
    self.configuration = configuration
    self.description = description
    self.logger = logger
    group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
  }

  private struct Running {
    var channel: any Channel
    var workers: WorkerTable
  }

  /// Listens; answers the address, whose port is the system's choice where 0 was asked for.
  public func start() async throws -> SocketAddressText {
    for warning in description.warnings { logger.warning("\(warning)") }
    let routes = try description.servedRoutes(builtInEndpoints: configuration.servesBuiltInEndpoints)
    var workers: [LoopWorker] = []
    for eventLoop in group.makeIterator() {
      let worker = try await eventLoop.submit { [configuration] in
        LoopWorker(eventLoop, configuration: configuration, routes: routes)
      }.get()
      workers.append(worker)
    }
    guard let table = WorkerTable(workers) else { throw GatewayFailure("no event loop to serve on") }
    let channel: any Channel
    do {
      channel = try await bind(table)
    } catch {
      // The connections upstream have been begun, and nobody else would end them.
      await table.drain(grace: .zero)
      throw error
    }
    running.withLockedValue { $0 = Running(channel: channel, workers: table) }
    guard let address = channel.localAddress, let port = address.port else { return configuration.listen }
    return SocketAddressText(host: configuration.listen.host, port: port)
  }

  private func bind(_ workers: WorkerTable) async throws -> any Channel {
    let limits = configuration.frontEnd
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Self.backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(
        .writeBufferWaterMark, value: .init(low: limits.writeWatermarkLow, high: limits.writeWatermarkHigh)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          var decoderLimits = NIOHTTPDecoderLimitConfiguration()
          decoderLimits.maxHeaderFieldSize = limits.maximumHeaderBlock
          decoderLimits.maxHeaderListSize = limits.maximumHeaderBlock
          decoderLimits.maxHeaderFieldCount = limits.maximumHeaderCount
          try channel.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(
              HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoderLimits)),
            DownstreamConnectionHandler(worker: workers.worker(of: channel.eventLoop)),
          ])
        }
      }
    do {
      return try await bootstrap.bind(host: configuration.listen.host, port: configuration.listen.port).get()
    } catch {
      throw GatewayFailure("cannot listen on \(configuration.listen): \(ListenError.reason(error))")
    }
  }

  /// Connections that the kernel completes before they are accepted; it is capped by `somaxconn`.
  private static let backlog: Int32 = 1024

  /// Stops accepting, lets calls in flight finish within `grace`, cuts what is left then.
  public func stop(grace: TimeAmount) async {
    let wasRunning = running.withLockedValue { value in
      defer { value = nil }
      return value
    }
    if let wasRunning {
      try? await wasRunning.channel.close().get()
      await wasRunning.workers.drain(grace: grace)
    }
    try? await group.shutdownGracefully()
  }
}
