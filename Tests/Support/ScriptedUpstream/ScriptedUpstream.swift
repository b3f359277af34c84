public import NIOCore
internal import NIOPosix

/// Plays an HTTP/2 server on a loopback socket by a script, well-behaved or hostile, down to single bytes.
///
/// The script hears what the gateway sends and writes whatever it likes, in order or not. Unless told otherwise, a
/// connection does by itself what every server does: SETTINGS at the start, acknowledgements of SETTINGS and PING,
/// and WINDOW_UPDATEs for what it receives.
public final class ScriptedUpstream: Sendable {
  /// Runs on the connection's event loop for each event.
  public typealias Script = @Sendable (ScriptedConnection, ScriptedEvent) -> Void

  private let server: any Channel
  private let registry: NIOLoopBound<ConnectionRegistry>
  public let port: Int

  private init(server: any Channel, registry: NIOLoopBound<ConnectionRegistry>) {
    self.server = server
    self.registry = registry
    self.port = server.localAddress?.port ?? 0
  }

  /// Listens on 127.0.0.1.
  ///
  /// - Parameters:
  ///   - port: 0 for any that is free; a number to come back where one was before.
  ///   - options: what a connection does by itself.
  ///   - prepareChannel: adds handlers between the socket and the script, such as TLS.
  public static func start(
    on eventLoop: any EventLoop, port: Int = 0, options: ScriptedConnection.Options = .init(),
    prepareChannel: (@Sendable (any Channel) throws -> Void)? = nil, script: @escaping Script
  ) async throws -> ScriptedUpstream {
    let registry = try await eventLoop.submit { NIOLoopBound(ConnectionRegistry(), eventLoop: eventLoop) }.get()
    let server = try await ServerBootstrap(group: eventLoop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let connection = ScriptedConnection(channel: channel, options: options, script: script)
          registry.value.add(channel)
          try prepareChannel?(channel)
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    return ScriptedUpstream(server: server, registry: registry)
  }

  /// Connections accepted so far.
  public func acceptedConnections() async throws -> Int {
    let registry = registry
    return try await server.eventLoop.submit { registry.value.accepted }.get()
  }

  /// Connections that are open.
  public func openConnections() async throws -> Int {
    let registry = registry
    return try await server.eventLoop.submit { registry.value.channels.count }.get()
  }

  /// Dies: the listener and every connection are closed at once, without a word.
  public func kill() async throws {
    let registry = registry
    try? await server.close()
    try await server.eventLoop.submit {
      for channel in registry.value.channels.values { channel.close(promise: nil) }
    }.get()
  }
}

/// The open connections of one server.
final class ConnectionRegistry {
  private(set) var channels: [ObjectIdentifier: any Channel] = [:]
  private(set) var accepted = 0

  func add(_ channel: any Channel) {
    accepted += 1
    let id = ObjectIdentifier(channel)
    channels[id] = channel
    channel.closeFuture.assumeIsolated().whenComplete { [self] _ in channels[id] = nil }
  }
}
