import ArgumentParser
import Gateway
import Logging
import OrderService
import ServiceLifecycle
import UnixSignals

struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Start the gateway together with the order server, in one process.",
    discussion: """
      The two talk HTTP/2 over TCP as they would on two machines. Orders are kept in a SQLite file.

      EXAMPLES:
        gateway up
        gateway up --listen 127.0.0.1:8081 --order-server 127.0.0.1:9010 --database :memory:
      """)

  @Option(help: ArgumentHelp("Where callers reach the gateway; port 0 lets the system choose.", valueName: "host:port"))
  var listen = AddressArgument("127.0.0.1", 8080)

  @Option(help: ArgumentHelp("Where the order server listens.", valueName: "host:port"))
  var orderServer = AddressArgument("127.0.0.1", 9009)

  @Option(help: ArgumentHelp("The SQLite file, made when missing; ':memory:' keeps nothing.", valueName: "path"))
  var database = "data/orders.db"

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await reportingFailures {
      let logger = common.logger
      let orders = OrderServer(
        configuration: OrderServerConfiguration(
          host: orderServer.address.host, port: orderServer.address.port,
          database: database == ":memory:" ? .memory : .file(path: database), shutdownGrace: .seconds(common.grace),
          logger: logger))
      let description = try ServiceDescription.orders(
        options: common.values.transcoding, keepsComments: !common.noBuiltInEndpoints)
      let gateway = DeferredGateway(
        options: common, listen: listen.address, description: description, logger: logger, orders: orders,
        database: database)
      try await runServices(
        [
          .init(service: orders, successTerminationBehavior: .gracefullyShutdownGroup),
          .init(service: gateway, successTerminationBehavior: .gracefullyShutdownGroup),
        ], logger: logger)
    }
  }
}

/// The gateway of `gateway up`: it starts once the order server's address is known.
private struct DeferredGateway: Service {
  let options: CommonOptions
  let listen: SocketAddressText
  let description: ServiceDescription
  let logger: Logger
  let orders: OrderServer
  let database: String

  func run() async throws {
    let bound: OrderServerAddress
    do {
      bound = try await orders.listeningAddress
    } catch {
      // The order server has said why it does not listen.
      return
    }
    let upstream = SocketAddressText(host: bound.host, port: bound.port)
    let server = GatewayServer(
      configuration: options.configuration(listen: listen, upstream: upstream), description: description,
      logger: logger)
    try await GatewayService(server: server, grace: .seconds(options.grace)) { address in
      Banner.printUp(gateway: address, orderServer: upstream, database: database)
    }.run()
  }
}
