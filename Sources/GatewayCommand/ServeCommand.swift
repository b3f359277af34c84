import ArgumentParser
import Gateway
import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve a gRPC server's methods as REST.",
    discussion: """
      EXAMPLES:
        gateway serve --upstream 127.0.0.1:9009 --descriptors proto/order.binpb --rules proto/order.http.yaml
        gateway serve --upstream 127.0.0.1:9009 --reflection
        gateway serve --upstream 127.0.0.1:9009 --proto protos/ --proto-path third_party/
        gateway serve --listen 0.0.0.0:8080 --upstream orders:9009 --descriptors a.binpb --descriptors b.binpb
      """)

  @Option(help: ArgumentHelp("Where callers reach the gateway; port 0 lets the system choose.", valueName: "host:port"))
  var listen = AddressArgument("127.0.0.1", 8080)

  @Option(help: ArgumentHelp("The gRPC server, cleartext HTTP/2.", valueName: "host:port"))
  var upstream: AddressArgument

  @OptionGroup(title: "Schema") var sources: SourceOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard sources.namesSchema else {
      throw ValidationError("Say what is served: --descriptors, --proto or --reflection.")
    }
  }

  func run() async throws {
    try await reportingFailures {
      let logger = common.logger
      let configuration = common.configuration(listen: listen.address, upstream: upstream.address)
      let description = try await sources.load(
        upstream: configuration, options: common.values.transcoding,
        keepsComments: configuration.servesBuiltInEndpoints,
        logger: logger)
      let server = GatewayServer(configuration: configuration, description: description, logger: logger)
      let upstream = upstream.address
      try await runServices(
        [
          .init(
            service: GatewayService(server: server, grace: .seconds(common.grace)) { address in
              Banner.printServing(gateway: address, upstream: upstream, routes: description.routes.count)
            }, successTerminationBehavior: .gracefullyShutdownGroup)
        ], logger: logger)
    }
  }
}
