import ArgumentParser
import Gateway

struct RoutesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "routes",
    abstract: "List what would be served.",
    discussion: """
      Without options, the routes of the order service that `gateway up` serves.

      EXAMPLES:
        gateway routes
        gateway routes --descriptors proto/order.binpb --rules proto/order.http.yaml
        gateway routes --proto protos/
        gateway routes --upstream 127.0.0.1:9009 --reflection
      """)

  @OptionGroup(title: "Schema") var sources: OptionalSourceOptions

  func run() async throws {
    try await reportingFailures {
      let description = try await sources.load()
      warn(description.warnings)
      print(RouteListing(description.routes).text)
    }
  }
}
