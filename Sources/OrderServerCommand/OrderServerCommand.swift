import ArgumentParser
import Foundation
import Logging
import OrderService
import ServiceLifecycle
import UnixSignals

@main
struct OrderServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order-server",
    abstract: "A gRPC server of orders: the upstream that the gateway is tried with.",
    discussion: """
      Serves order.OrderManagement, grpc.health.v1 and grpc.reflection (v1 and v1alpha) in plaintext. \
      Orders are kept in SQLite; what was acknowledged is on disk. SIGINT and SIGTERM let the calls \
      in flight finish.

      EXAMPLES:
        order-server
        order-server --listen 127.0.0.1:9009 --database data/orders.db
        order-server --listen '[::1]:0' --database :memory:
        grpcurl -plaintext -d '{"value":"101"}' 127.0.0.1:9009 order.OrderManagement/getOrder
      """,
    version: "0.1.0")

  @Option(help: ArgumentHelp("The address to listen on; port 0 lets the system choose.", valueName: "host:port"))
  var listen = ListenAddress(host: "127.0.0.1", port: 9009)

  @Option(
    help: ArgumentHelp("The SQLite file, made when missing; ':memory:' keeps nothing.", valueName: "path"))
  var database = "data/orders.db"

  @Option(help: ArgumentHelp("Seconds that calls in flight may take at the end.", valueName: "seconds"))
  var grace = 10.0

  func validate() throws {
    guard !database.isEmpty else { throw ValidationError("The path of the database is empty.") }
    guard grace >= 0, grace <= 86_400 else { throw ValidationError("The grace must be from 0 to 86400 seconds.") }
  }

  func run() async throws {
    var logger = Logger(label: "order-server") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    let location: OrderDatabaseLocation = database == ":memory:" ? .memory : .file(path: database)
    let server = OrderServer(
      configuration: OrderServerConfiguration(
        host: listen.host, port: listen.port, database: location, shutdownGrace: .seconds(grace), logger: logger))
    let services = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup),
          .init(service: Banner(server: server, location: location), successTerminationBehavior: .ignore),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger))
    do {
      try await services.run()
    } catch let error as OrderServerError {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }
}

/// Prints where the server listens as soon as it does.
private struct Banner: Service {
  let server: OrderServer
  let location: OrderDatabaseLocation

  func run() async throws {
    guard let address = try? await server.listeningAddress else { return }
    print("order-server listens on \(address), orders in \(location)")
    fflush(nil)
  }
}
