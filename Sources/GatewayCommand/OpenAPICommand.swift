import ArgumentParser
import Foundation
import Gateway
import OpenAPI

struct OpenAPICommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi",
    abstract: "Describe what would be served as OpenAPI 3.1.",
    discussion: """
      The comments of the .proto files become descriptions when the descriptor set was made with
      --include_source_info. Without options, the order service that `gateway up` serves is described.

      EXAMPLES:
        gateway openapi
        gateway openapi --format json --descriptors proto/order.binpb --rules proto/order.http.yaml
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case yaml, json
  }

  @Option(help: "How the document is written.")
  var format = Format.yaml

  @Option(help: "The document's title. (default: the names of the services)")
  var title: String?

  @Option(help: ArgumentHelp("The version of the API.", valueName: "version"))
  var apiVersion = "1.0.0"

  @Option(help: ArgumentHelp("Where the gateway is reached. Repeatable. (default: /)", valueName: "url"))
  var server: [String] = []

  @OptionGroup var sources: OptionalSourceOptions

  func run() async throws {
    try await reportingFailures {
      var info = OpenAPIInfo(title: title, version: apiVersion)
      if !server.isEmpty { info.servers = server }
      let document = try description().openAPI(info: info)
      let bytes = format == .yaml ? document.yaml() : document.json()
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    }
  }

  private func description() throws -> ServiceDescription {
    if sources.descriptors.isEmpty, sources.rules.rules.isEmpty {
      return try ServiceDescription.orders(keepsComments: true)
    }
    if sources.descriptors.isEmpty { return try sources.load() }
    return try ServiceDescription.load(
      descriptors: sources.descriptors, rules: sources.rules.rules, autoMapping: !sources.rules.noAutoMapping,
      keepsComments: true)
  }
}
