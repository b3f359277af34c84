import ArgumentParser
import Gateway
import HTTPFrontEnd

/// What browsers of other origins may do, and callers that cannot send every method.
struct CallerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An origin whose scripts may call, such as https://app.example, or * for any (CORS). Repeatable.",
      valueName: "origin"))
  var corsOrigin: [String] = []

  @Flag(help: "Let scripts of those origins send cookies and other credentials.")
  var corsCredentials = false

  @Flag(help: "Let a POST with X-HTTP-Method-Override stand for the method it names.")
  var methodOverride = false

  func validate() throws { _ = try policy() }

  private func policy() throws -> CORSPolicy? {
    do {
      return try CORSPolicy(origins: corsOrigin, allowsCredentials: corsCredentials)
    } catch {
      throw ValidationError(error.message)
    }
  }

  func apply(to configuration: inout FrontEndConfiguration) {
    configuration.cors = (try? policy()) ?? nil
    configuration.allowsMethodOverride = methodOverride
  }
}
