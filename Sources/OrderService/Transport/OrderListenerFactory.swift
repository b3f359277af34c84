import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOPosix

/// Listens for plaintext HTTP/2, and tells the address once it is bound.
struct OrderListenerFactory: HTTP2ServerTransport.ListenerFactory {
  let host: String
  let port: Int
  let posixEventLoopGroup: MultiThreadedEventLoopGroup
  let accepted: AcceptedConnections
  let onListening: @Sendable (OrderServerAddress) -> Void

  var eventLoopGroup: any EventLoopGroup { posixEventLoopGroup }

  func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
    do {
      let listener = try await ServerBootstrap(group: posixEventLoopGroup)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .bind(host: host, port: port) { connection in
          connection.eventLoop.makeCompletedFuture {
            try connection.pipeline.syncOperations.addHandler(ControlFrameHandler())
          }.flatMap {
            connectionConfigurator.configure(channel: connection, tls: .none)
          }.map { pipeline in
            accepted.keep(connection, pipeline: pipeline)
            return pipeline
          }
        }
      accepted.listening(on: listener.channel)
      let address = listener.channel.localAddress
      onListening(OrderServerAddress(host: address?.ipAddress ?? host, port: address?.port ?? port))
      return listener
    } catch {
      throw OrderServerError.cannotListen(host: host, port: port, reason: reason(of: error))
    }
  }

  private func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: SystemErrorText.of(error.errnoCode)
    case is SocketAddressError.UnknownHost: "the name of the host is not known"
    default: "\(error)"
    }
  }
}
