import ArgumentParser
import Foundation
import Gateway
import Logging

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a configuration file, the schema and the rules that it names.",
    discussion: """
      Prints what would be run and the routes that would be served, or every fault with its line; nothing is started.

      EXAMPLES:
        gateway check gateway.yaml
        GATEWAY_UPSTREAM=orders:9009 gateway check gateway.yaml
      """)

  @Argument(help: "The configuration file (YAML).")
  var file: String

  func run() async throws {
    try await reportingFailures {
      var reader = SettingsReader()
      try reader.read(file: file)
      reader.read(environment: ProcessInfo.processInfo.environment)
      var faults = reader.faults
      var routes = ""
      let settings = reader.settings
      if settings.configuration == nil { faults.append("\(file): neither upstream nor upstreams is set") }
      if !settings.namesSchema { faults.append("\(file): neither descriptors, proto nor reflection is set") }
      do {
        let description = try await settings.loadDescription(logger: Logger.standardError(.warning))
        warn(description.warnings)
        routes = RouteListing(description.routes).text
        faults += settings.configuration?.faults(in: description) ?? []
      } catch let failure as GatewayFailure {
        faults += failure.lines
      }
      do throws(GatewayFailure) { _ = try settings.retryPolicies() } catch { faults += error.lines }
      faults += reader.certificateFaults
      guard faults.isEmpty else { throw GatewayFailure(lines: faults) }
      print(SettingsText.yaml(of: reader.settings, origins: reader.origins))
      print(routes)
    }
  }
}
