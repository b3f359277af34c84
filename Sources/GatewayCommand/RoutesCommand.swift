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
      """)

  @OptionGroup var sources: OptionalSourceOptions

  func run() async throws {
    try await reportingFailures {
      print(RouteListing(try sources.load().routes).text)
    }
  }
}
