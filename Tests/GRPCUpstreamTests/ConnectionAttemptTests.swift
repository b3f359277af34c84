import GRPCUpstream
import NIOConcurrencyHelpers
import NIOCore
import ScriptedUpstream
import Testing

/// What is told of attempts to connect.
@Suite(.timeLimit(.minutes(1)))
struct ConnectionAttemptTests {
  /// Accepts connections and never says a word.
  private static var silent: ScriptedConnection.Options {
    var options = ScriptedConnection.Options(greets: false)
    options.acknowledges = false
    return options
  }

  private func reasons(
    connectTimeout: TimeAmount, _ body: (Loopback, NIOLockedValueBox<[String]>) async throws -> Void
  ) async throws -> [String] {
    let reasons = NIOLockedValueBox<[String]>([])
    var configuration = UpstreamConfiguration()
    configuration.connectTimeout = connectTimeout
    configuration.connectFailed = { _, reason in reasons.withLockedValue { $0.append(reason) } }
    try await Loopback.run(options: Self.silent, configuration: configuration, script: { _, _ in }) { loopback in
      try await body(loopback, reasons)
    }
    return reasons.withLockedValue { $0 }
  }

  /// The close that follows the timeout is no second failure.
  @Test func anAttemptThatTakesTooLongFailsOnce() async throws {
    let reasons = try await reasons(connectTimeout: .milliseconds(50)) { loopback, reasons in
      let end = try await loopback.call().end
      #expect(end.origin == .gateway(.unreachable))
      // The call has waited its time, the attempt perhaps not quite.
      while reasons.withLockedValue(\.isEmpty) { await Task.yield() }
    }
    #expect(reasons == ["no SETTINGS within 50 ms"])
  }

  @Test func anAttemptThatIsGivenUpAtTheEndIsNoFailure() async throws {
    let reasons = try await reasons(connectTimeout: .minutes(10)) { loopback, _ in
      try await loopback.onLoop { $0.connect() }
      // Accepted, so that there is a socket to be closed.
      while try await loopback.upstream.acceptedConnections() == 0 { await Task.yield() }
    }
    #expect(reasons == [])
  }
}
