import ArgumentParser
import Gateway
import Logging
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve a gRPC server's methods as REST.",
    discussion: """
      SIGTERM and SIGINT drain, a second one ends at once. SIGHUP reads configuration, descriptors and rules anew.

      EXAMPLES:
        gateway serve --upstream 127.0.0.1:9009 --descriptors proto/order.binpb --rules proto/order.http.yaml
        gateway serve --upstream 127.0.0.1:9009 --reflection
        gateway serve --upstream 127.0.0.1:9009 --proto protos/ --proto-path third_party/
        gateway serve --listen 0.0.0.0:8080 --upstream orders:9009 --descriptors a.binpb --descriptors b.binpb
        gateway serve --config gateway.yaml --max-request-body 1MiB

      \(SettingsOptions.discussion)
      """)

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
      guard var configuration = settings.configuration else {
        throw GatewayFailure("--upstream is missing", isUsage: true)
      }
      guard settings.namesSchema else {
        throw GatewayFailure("say what is served: --descriptors, --proto or --reflection", isUsage: true)
      }
      configuration.retries = try settings.retryPolicies()
      let logger = Logger.standardError(settings.logLevel)
      // From here on, so that one that comes before the gateway listens ends nothing and is not lost.
      let hangups = await UnixSignalsSequence(trapping: .sighup)
      let description = try await settings.loadDescription(logger: logger)
      let tap = tap ? GatewayTap(schema: description.schema) : nil
      defer { tap?.finish() }
      tap?.attach(to: &configuration)
      let upstreams = configuration.upstreamNames
      let isSecure = configuration.security != nil
      let server = GatewayServer(configuration: configuration, description: description, logger: logger)
      let reload = ReloadService(
        signals: { hangups }, server: server, started: settings, logger: logger
      ) { [options] in try options.read().result() }
      try await runServices(
        [
          .init(
            service: GatewayService(server: server, delay: settings.drainDelay, grace: settings.drainGrace) { address in
              Banner.printServing(
                gateway: address, isSecure: isSecure, upstreams: upstreams, routes: description.routes.count)
              ProgramPages.release()
            }, successTerminationBehavior: .gracefullyShutdownGroup),
          .init(service: reload, successTerminationBehavior: .ignore),
        ], logger: logger)
    }
  }
}
