import ArgumentParser
import Foundation
import Gateway
import Logging
import OrderService
import ServiceLifecycle
import UnixSignals

/// Runs services until SIGINT or SIGTERM; a second signal ends the process at once.
func runServices(_ services: [ServiceGroupConfiguration.ServiceConfiguration], logger: Logger) async throws {
  let group = ServiceGroup(
    configuration: ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
  let secondSignal = Task {
    var count = 0
    for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
      count += 1
      if count == 2 { exit(130) }
    }
  }
  defer { secondSignal.cancel() }
  try await group.run()
}

/// Turns what keeps a command from running into one line each on standard error and exit code 1.
func reportingFailures(_ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let failure as GatewayFailure {
    try report(failure.lines, code: failure.isUsage ? .validationFailure : .failure)
  } catch let failure as OrderServerError {
    try report([failure.description])
  }
}

/// Says what is legal and probably not meant, one line each on standard error.
func warn(_ lines: [String]) {
  FileHandle.standardError.write(Data(lines.map { "warning: \($0)\n" }.joined().utf8))
}

private func report(_ lines: [String], code: ExitCode = .failure) throws -> Never {
  let text = lines.map { "error: \($0)\n" }.joined()
  FileHandle.standardError.write(Data(text.utf8))
  throw code
}
