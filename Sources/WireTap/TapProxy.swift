import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

/// Listens, connects to the remote for each client, and shows what goes through.
public final class TapProxy: Sendable {
  let configuration: TapProxyConfiguration
  let tap: Tap
  private let group: MultiThreadedEventLoopGroup
  private let sslContext: NIOSSLContext?
  private let listener = NIOLockedValueBox<(any Channel)?>(nil)
  private let connections = NIOLockedValueBox(0)
  private let open = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])

  public init(configuration: TapProxyConfiguration, tap: Tap) throws(TapFailure) {
    self.configuration = configuration
    self.tap = tap
    do {
      sslContext = try configuration.tls.map { try Self.sslContext($0, for: configuration.proto) }
    } catch {
      let file = configuration.tls?.rootCertificates.map { " with the roots in \($0)" } ?? ""
      throw TapFailure("cannot set up TLS\(file): \(Self.setUpReason(error))")
    }
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  }

  private static func setUpReason(_ error: any Error) -> String {
    if case .noSuchFilesystemObject = error as? NIOSSLError { return "there is no such file" }
    // BoringSSL's errors have their names in their texts only.
    return "\(error)".contains("NO_CERTIFICATE") ? "it holds no certificate in PEM form" : "\(error)"
  }

  private static func sslContext(
    _ tls: TapProxyConfiguration.TLS, for proto: TapProtocol
  ) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    // RFC 9113 section 9.2: HTTP/2 wants 1.2 at least.
    configuration.minimumTLSVersion = .tlsv12
    // How long a remote may take to say goodbye before its connection is cut: an end should not wait for it.
    configuration.shutdownTimeout = .seconds(1)
    // RFC 9113 section 3.2: HTTP/2 over TLS is agreed by ALPN. What is text is not HTTP/2, and must not be taken for it.
    configuration.applicationProtocols = proto == .text ? [] : ["h2"]
    if let roots = tls.rootCertificates { configuration.trustRoots = .file(roots) }
    if tls.isInsecure { configuration.certificateVerification = .none }
    return try NIOSSLContext(configuration: configuration)
  }

  /// - Returns: the port.
  public func start() async throws(TapFailure) -> Int {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 256)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.writeBufferWaterMark, value: Self.watermark)
      .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
      .childChannelInitializer { [self] channel in
        accepted(channel)
        return channel.eventLoop.makeSucceededVoidFuture()
      }
    let address = "\(configuration.listenHost):\(configuration.listenPort)"
    do {
      let channel = try await bootstrap.bind(host: configuration.listenHost, port: configuration.listenPort).get()
      listener.withLockedValue { $0 = channel }
      let port = channel.localAddress?.port ?? configuration.listenPort
      tap.say("Listening on \(channel.localAddress.map(Self.text) ?? address)...")
      return port
    } catch {
      throw TapFailure("cannot listen on \(address): \(SystemErrorText.reason(error))")
    }
  }

  /// 256 KiB and 1 MiB: some rounds of the fastest connections.
  private static let watermark = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)
  /// Reads of up to 256 KiB, so that bulk takes few system calls.
  private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(
    minimum: 1024, initial: 16 << 10, maximum: 256 << 10)

  private static func text(_ address: SocketAddress) -> String {
    guard let host = address.ipAddress, let port = address.port else { return "\(address)" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  // MARK: One connection

  private func accepted(_ channel: any Channel) {
    let number = connections.withLockedValue { count in
      count += 1
      return count
    }
    let tapped = tap.connectionOpened(number: number, place: .proxy, proto: configuration.proto)
    tapped.say("Accepted from: \(channel.remoteAddress.map(Self.text) ?? "unknown")")
    remember(channel)
    let relay = Relay(client: channel, tapped: tapped, configuration: configuration, limits: tap.options.limits)
    let client = relay.handler(.client)
    do {
      try channel.pipeline.syncOperations.addHandler(client)
    } catch {
      channel.close(promise: nil)
      return
    }
    let loop = channel.eventLoop
    let bound = NIOLoopBound(relay, eventLoop: loop)
    ClientBootstrap(group: loop)
      .connectTimeout(configuration.connectTimeout)
      .channelOption(.autoRead, value: false)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.allowRemoteHalfClosure, value: sslContext == nil)
      .channelOption(.writeBufferWaterMark, value: Self.watermark)
      .channelOption(.recvAllocator, value: Self.receiveAllocator)
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          try addTLS(to: channel)
          try channel.pipeline.syncOperations.addHandler(bound.value.handler(.server))
        }
      }
      .connect(host: configuration.remoteHost, port: configuration.remotePort)
      .assumeIsolated()
      .whenComplete { [self] result in
        switch result {
        case .success(let server):
          tapped.say("Connected to server: \(server.remoteAddress.map(Self.text) ?? "unknown")")
          remember(server)
          bound.value.connected(to: server)
        case .failure(let error):
          tapped.say("Cannot connect to server: \(SystemErrorText.reason(error))")
          channel.close(promise: nil)
        }
      }
  }

  var hasTLS: Bool { sslContext != nil }
  var eventLoop: any EventLoop { group.next() }

  /// Nothing without TLS.
  func addTLS(to channel: any Channel) throws {
    guard let sslContext else { return }
    let name = configuration.tls?.serverName ?? configuration.remoteHost
    // An address is no server name (RFC 6066 section 3).
    let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
    try channel.pipeline.syncOperations.addHandler(
      try NIOSSLClientHandler(context: sslContext, serverHostname: isAddress ? nil : name))
  }

  private func remember(_ channel: any Channel) {
    let key = ObjectIdentifier(channel)
    open.withLockedValue { $0[key] = channel }
    channel.closeFuture.whenComplete { [self] _ in open.withLockedValue { $0[key] = nil } }
  }

  /// Stops listening and cuts what is open.
  public func stop() async {
    let channel = listener.withLockedValue { listener in
      defer { listener = nil }
      return listener
    }
    try? await channel?.close().get()
    let closes = open.withLockedValue { $0.values.map { $0.close() } }
    for close in closes { try? await close.get() }
    try? await group.shutdownGracefully()
  }
}
