import ArgumentParser
import GRPCUpstream
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
        gateway up --tap
            Shows each call's way: the HTTP/1.1 request, the HTTP/2 frames that come of it, the answer.

      \(SettingsOptions.discussion)
      """)

  @Option(help: ArgumentHelp("Where the order server listens.", valueName: "host:port"))
  var orderServer = AddressArgument("127.0.0.1", 9009)

  @Option(help: ArgumentHelp("The SQLite file, made when missing; ':memory:' keeps nothing.", valueName: "path"))
  var database = "data/orders.db"

  @Flag(help: "Show what goes over the gateway's connections, HTTP/1.1 to callers and HTTP/2 to the upstream.")
  var tap = false

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    try await reportingFailures {
      let reader = try options.read()
      let settings = try reader.result()
      if options.printConfig {
        print(SettingsText.yaml(of: settings, origins: reader.origins), terminator: "")
        return
      }
      guard !settings.upstreamTLS.isOn else {
        throw GatewayFailure("--upstream-tls: the order server of `gateway up` speaks cleartext", isUsage: true)
      }
      let logger = Logger.standardError(settings.logLevel)
      let orders = OrderServer(
        configuration: OrderServerConfiguration(
          host: orderServer.address.host, port: orderServer.address.port,
          database: database == ":memory:" ? .memory : .file(path: database), shutdownGrace: settings.grace,
          logger: logger))
      let description = try ServiceDescription.orders(
        options: settings.transcoding, keepsComments: settings.builtInEndpoints)
      let tap = tap ? GatewayTap(schema: description.schema) : nil
      defer { tap?.finish() }
      let gateway = DeferredGateway(
        settings: settings, tap: tap, description: description, logger: logger, orders: orders,
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
  let settings: GatewaySettings
  let tap: GatewayTap?
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
    var configuration = settings.configuration(upstream: UpstreamName(host: bound.host, port: bound.port))
    configuration.retries = try settings.retryPolicies()
    tap?.attach(to: &configuration)
    let isSecure = configuration.security != nil
    let server = GatewayServer(configuration: configuration, description: description, logger: logger)
    try await GatewayService(server: server, delay: settings.drainDelay, grace: settings.drainGrace) { address in
      Banner.printUp(
        gateway: address, isSecure: isSecure, orderServer: upstream, database: database)
      ProgramPages.release()
    }.run()
  }
}
