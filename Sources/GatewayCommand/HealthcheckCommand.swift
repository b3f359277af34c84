import ArgumentParser
import Gateway

struct HealthcheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "healthcheck",
    abstract: "Ask a gateway whether it is alive or ready; exit code 0 when it says 200.",
    discussion: """
      For container health checks, where no other HTTP client is at hand.

      EXAMPLES:
        gateway healthcheck
        gateway healthcheck --url http://127.0.0.1:8080/readyz --timeout 2
      """)

  @Option(help: ArgumentHelp("What is asked for, http or https (whose certificate is not verified).", valueName: "url"))
  var url = "http://127.0.0.1:8080/healthz"

  @Option(help: ArgumentHelp("Seconds to wait for the answer.", valueName: "seconds"))
  var timeout = 3.0

  func validate() throws {
    guard timeout > 0, timeout <= 3600 else { throw ValidationError("The timeout must be up to 3600 seconds.") }
  }

  func run() async throws {
    try await reportingFailures {
      let status = try await HealthProbe(url: url).status(within: .seconds(timeout))
      print(status)
      if status != 200 { throw ExitCode(1) }
    }
  }
}
