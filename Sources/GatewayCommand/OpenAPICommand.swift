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
        gateway openapi --upstream 127.0.0.1:9009 --reflection --proto-field-names
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

  @OptionGroup(title: "Schema") var sources: OptionalSourceOptions
  @OptionGroup(title: "Values") var values: ValueOptions
  @OptionGroup(title: "Answers") var answers: AnswerOptions

  func run() async throws {
    try await reportingFailures {
      var info = OpenAPIInfo(title: title, version: apiVersion)
      if !server.isEmpty { info.servers = server }
      let description = try await sources.load(options: values.transcoding, keepsComments: true)
      let document = try description.openAPI(info: info, style: answers.style)
      let bytes = format == .yaml ? document.yaml() : document.json()
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    }
  }
}
