public import GRPCUpstream
public import HTTPFrontEnd
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TransportSecurity

/// Listens for HTTP/1.1 and serves a description's routes by calls to its upstream.
///
/// Each event loop has a `Worker` of its own: connections are handed to the loops in turn and stay there,
/// with their calls. Nothing on a request's way is shared between loops.
public final class GatewayServer: Sendable {
  private let configuration: GatewayConfiguration
  private let description: ServiceDescription
  private let logger: Logger
  private let group: MultiThreadedEventLoopGroup
  private let acceptPauses = AcceptPauses()
  private let certificates: Certificates
  private let running = NIOLockedValueBox<Running?>(nil)

  public init(configuration: GatewayConfiguration, description: ServiceDescription, logger: Logger) {
    var configuration = configuration
    configuration.upstreamLimits.connectFailed = { target, reason in
      let address = target.address?.ipAddress.map { " (\($0))" } ?? ""
      logger.warning("the upstream at \(target)\(address) cannot be reached: \(reason)")
    }
    self.configuration = configuration
    self.description = description
    self.logger = logger
    certificates = Certificates(configuration)
    group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
  }

  private struct Running {
    var channel: any Channel
    var workers: WorkerTable
    var admin: AdminListener?
    var accessLog: (log: AccessLog, writer: AccessLogWriter)?
  }

  /// The listener for operators and the worker behind it.
  private struct AdminListener {
    var channel: any Channel
    var worker: NIOLoopBound<Worker>
  }

  private struct Routes {
    var callers: ServedRoutes
    var admin: ServedRoutes
  }

  /// Listens; answers the address, whose port is the system's choice where 0 was asked for.
  public func start() async throws -> SocketAddressText {
    if let conflict = configuration.answerStyle.conflict { throw GatewayFailure(conflict) }
    for warning in description.warnings + certificates.warnings { logger.warning("\(warning)") }
    let routes = try routes(of: description, retries: configuration.retries)
    try certificates.load()
    let accessLog = configuration.accessLog.map {
      AccessLogWriter.start(format: $0, descriptor: configuration.accessLogDescriptor)
    }
    var workers: [LoopWorker] = []
    for eventLoop in group.makeIterator() {
      let worker = try await eventLoop.submit { [configuration] in
        LoopWorker(eventLoop, configuration: configuration, routes: routes.callers, accessLog: accessLog?.log)
      }.get()
      workers.append(worker)
    }
    guard let table = WorkerTable(workers) else { throw GatewayFailure("no event loop to serve on") }
    let channel: any Channel
    let admin: AdminListener?
    do {
      admin = try await bindAdmin(table.first, routes: routes.admin)
      channel = try await bind(
        configuration.listen, on: group, tls: certificates.downstream, connections: connectionLimit()
      ) { table.worker(of: $0) }
    } catch {
      // The connections upstream have been begun, and nobody else would end them.
      await table.drain(grace: .zero)
      throw error
    }
    running.withLockedValue { $0 = Running(channel: channel, workers: table, admin: admin, accessLog: accessLog) }
    return Self.address(of: channel, asked: configuration.listen)
  }

  /// Where the admin listener is bound; `nil` when there is none.
  public var adminAddress: SocketAddressText? {
    guard let asked = configuration.adminListen else { return nil }
    return running.withLockedValue { $0?.admin }.map { Self.address(of: $0.channel, asked: asked) }
  }

  private static func address(of channel: any Channel, asked: SocketAddressText) -> SocketAddressText {
    SocketAddressText(host: asked.host, port: channel.localAddress?.port ?? asked.port)
  }

  /// The gateway's own endpoints stand beside the routes, unless they have a listener of their own.
  private func routes(of description: ServiceDescription, retries: RetryPolicies) throws(GatewayFailure) -> Routes {
    let homeless = configuration.faults(in: description)
    guard homeless.isEmpty else { throw GatewayFailure(lines: homeless) }
    guard configuration.servesBuiltInEndpoints || configuration.adminListen != nil else {
      let callers = try served(description, LocalEndpointTable(), retries)
      return Routes(callers: callers, admin: callers)
    }
    let metrics = LocalEndpoint(path: BuiltInEndpoints.metricsPath) { [weak self] eventLoop in
      guard let self, let figures = figures(on: eventLoop) else {
        return eventLoop.makeSucceededFuture(LocalAnswer(status: 503))
      }
      return figures.map { BuiltInEndpoints.metrics($0) }
    }
    let endpoints = try description.builtInEndpoints([metrics], style: configuration.answerStyle)
    let isApart = configuration.adminListen != nil
    return Routes(
      callers: try served(description, isApart ? LocalEndpointTable() : endpoints, retries),
      admin: ServedRoutes(endpoints: endpoints, renderer: description.renderer(configuration.answerStyle)))
  }

  private func served(
    _ description: ServiceDescription, _ endpoints: LocalEndpointTable, _ retries: RetryPolicies
  ) throws(GatewayFailure) -> ServedRoutes {
    try description.servedRoutes(
      endpoints: endpoints, style: configuration.answerStyle, retries: retries,
      routing: UpstreamRouting(configuration.allUpstreams))
  }

  private func bindAdmin(_ loop: LoopWorker, routes: ServedRoutes) async throws -> AdminListener? {
    guard let address = configuration.adminListen else { return nil }
    let worker = try await loop.companion(routes: routes)
    let channel = try await bind(address, on: loop.eventLoop, tls: nil, connections: Self.adminConnections) { _ in
      worker.value
    }
    return AdminListener(channel: channel, worker: worker)
  }

  /// 64: probes, a scraper or two, a person.
  private static let adminConnections = 64

  /// How many connections there may be, as far as the open files reach.
  private func connectionLimit() -> Int {
    let asked = configuration.frontEnd.maximumConnections
    let files = OpenFileLimit.raise(for: asked)
    let connections = OpenFileLimit.connections(asked: asked, files: files)
    if connections < asked { logger.warning("\(files) open files allow \(connections) connections, not \(asked)") }
    return connections
  }

  private func bind(
    _ address: SocketAddressText, on group: any EventLoopGroup, tls: ReloadableTLSContext?, connections: Int,
    worker: @escaping @Sendable (any EventLoop) -> Worker
  ) async throws -> any Channel {
    let limits = configuration.frontEnd
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelInitializer { [acceptPauses] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            AcceptLimitHandler(maximumConnections: connections, pauses: acceptPauses))
        }
      }
      .serverChannelOption(.backlog, value: Self.backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(
        .writeBufferWaterMark, value: .init(low: limits.writeWatermarkLow, high: limits.writeWatermarkHigh)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.current()))
          }
          try limits.prepareChannel?(channel)
          var decoderLimits = NIOHTTPDecoderLimitConfiguration()
          decoderLimits.maxHeaderFieldSize = limits.maximumHeaderBlock
          decoderLimits.maxHeaderListSize = limits.maximumHeaderBlock
          decoderLimits.maxHeaderFieldCount = limits.maximumHeaderCount
          try channel.pipeline.syncOperations.addHandlers([
            // Once a request asks for another protocol, the decoder keeps what follows until it is removed.
            ByteToMessageHandler(
              HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: decoderLimits),
              maximumBufferSize: limits.maximumLingeringBytes),
            DownstreamConnectionHandler(
              worker: worker(channel.eventLoop), transport: tls == nil ? .cleartext : .handshaking),
          ])
        }
      }
    do {
      return try await bootstrap.bind(host: address.host, port: address.port).get()
    } catch {
      throw GatewayFailure("cannot listen on \(address): \(ListenError.reason(error))")
    }
  }

  /// Connections that the kernel completes before they are accepted; it is capped by `somaxconn`.
  private static let backlog: Int32 = 1024

  /// Serves a new description under new limits from now on, and begins new connections with the certificates that lie
  /// in their files now; calls in flight and connections keep what they began with.
  ///
  /// - Throws: when the description cannot be served or a certificate not be used; then nothing has changed.
  public func reload(
    description: ServiceDescription, frontEnd: FrontEndConfiguration, retries: RetryPolicies = RetryPolicies()
  ) async throws {
    guard let running = running.withLockedValue({ $0 }) else { return }
    for warning in description.warnings { logger.warning("\(warning)") }
    var changed = configuration
    changed.frontEnd = frontEnd
    let routes = try routes(of: description, retries: retries)
    let prepared = try certificates.prepareReload()
    for certificate in prepared { certificate.commit() }
    try await running.workers.replace(routes: routes.callers, configuration: changed.frontEndShare)
    if let admin = running.admin?.worker {
      try await running.workers.first.eventLoop.submit {
        admin.value.replace(service: routes.admin, configuration: FrontEndConfiguration())
      }.get()
    }
  }

  /// What the gateway has counted, gathered from all its loops; `nil` when it does not run.
  private func figures(on eventLoop: any EventLoop) -> EventLoopFuture<GatewayFigures>? {
    guard let running = running.withLockedValue({ $0 }) else { return nil }
    return running.workers.figures(on: eventLoop).map { [acceptPauses] merged in
      var figures = merged
      figures.acceptPauses = acceptPauses.count
      figures.logLinesDropped = running.accessLog?.log.dropped ?? 0
      return figures
    }
  }

  /// Says that it is not ready for `delay`, stops accepting, lets calls in flight finish within `grace`, and cuts what
  /// is left then.
  public func stop(delay: TimeAmount = .zero, grace: TimeAmount) async {
    let wasRunning = running.withLockedValue { value in
      defer { value = nil }
      return value
    }
    if let wasRunning {
      wasRunning.workers.announceDrain()
      if let admin = wasRunning.admin?.worker {
        wasRunning.workers.first.eventLoop.execute { admin.value.announceDrain() }
      }
      if delay > .zero { try? await Task.sleep(for: .nanoseconds(delay.nanoseconds)) }
      try? await wasRunning.channel.close().get()
      await wasRunning.workers.drain(grace: grace)
      try? await wasRunning.admin?.channel.close().get()
      await wasRunning.accessLog?.writer.stop()
    }
    try? await group.shutdownGracefully()
  }
}
