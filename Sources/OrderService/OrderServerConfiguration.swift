public import Logging
public import NIOPosix

/// What an order server is started with.
public struct OrderServerConfiguration: Sendable {
  /// The name or address to listen on.
  public var host: String
  /// The port to listen on; 0 lets the system choose, see `OrderServer.listeningAddress`.
  public var port: Int
  public var database: OrderDatabaseLocation
  /// How long calls in flight may go on after a graceful shutdown has begun.
  public var shutdownGrace: Duration
  public var eventLoopGroup: MultiThreadedEventLoopGroup
  public var logger: Logger

  public init(
    host: String = "127.0.0.1",
    port: Int = 9009,
    database: OrderDatabaseLocation = .file(path: "data/orders.db"),
    shutdownGrace: Duration = .seconds(10),
    eventLoopGroup: MultiThreadedEventLoopGroup = .singleton,
    logger: Logger = Logger(label: "order-server")
  ) {
    self.host = host
    self.port = port
    self.database = database
    self.shutdownGrace = shutdownGrace
    self.eventLoopGroup = eventLoopGroup
    self.logger = logger
  }
}
