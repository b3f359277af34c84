import GRPCUpstream
import GRPCWire
import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

/// Calls that are made again by the policy of their route.
@Suite(.timeLimit(.minutes(1)))
struct RetryPolicyTests {
  private static func route(_ attempts: Int, throttling: RetryThrottling? = nil) -> UpstreamRoute {
    UpstreamRoute(
      path: "/order.OrderManagement/getOrder",
      retries: RetryPolicy(
        maximumAttempts: attempts, initialBackoff: .milliseconds(2), maximumBackoff: .milliseconds(5),
        backoffMultiplier: 2, retryableCodes: [.unavailable], throttling: throttling))
  }

  /// Fails the first calls with trailers alone, and remembers every request.
  private final class Failing: Sendable {
    let requests = NIOLockedValueBox<[HPACKHeaders]>([])
    let bodies = NIOLockedValueBox<[[UInt8]]>([])
    let failures: Int
    let status: Int
    let fields: [(String, String)]

    init(_ failures: Int, status: Int = 14, fields: [(String, String)] = []) {
      self.failures = failures
      self.status = status
      self.fields = fields
    }

    var script: ScriptedUpstream.Script {
      { [self] connection, event in
        if case .request(_, let headers, _) = event { requests.withLockedValue { $0.append(headers) } }
        guard case .data(let id, let payload, endStream: true) = event else { return }
        let count = bodies.withLockedValue { bodies in
          bodies.append(Array(payload.readableBytesView))
          return bodies.count
        }
        guard count <= failures else { return LifecycleTests.answer(connection, id) }
        connection.headers(
          id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "\(status)")] + fields,
          endStream: true)
      }
    }

    var count: Int { requests.withLockedValue { $0.count } }
  }

  @Test(arguments: [(1, 2, true), (2, 2, false), (2, 3, true), (4, 5, true), (5, 5, false)])
  func attemptsAreBounded(failures: Int, attempts: Int, succeeds: Bool) async throws {
    let server = Failing(failures)
    try await BalancedLoopback.run([server.script]) { loopback async throws in
      let end = try await loopback.call(route: Self.route(attempts)).end
      #expect(end.status.code == (succeeds ? .ok : .unavailable))
      #expect(server.count == min(failures + 1, attempts))
      #expect(try await loopback.onLoop { $0.figures.policyRetries } == min(failures, attempts - 1))
      // The same message each time, and the number of attempts before it.
      #expect(server.bodies.withLockedValue { Set($0).count } == 1)
      let told = server.requests.withLockedValue { $0.map { $0.first(name: "grpc-previous-rpc-attempts") } }
      #expect(told == [nil, "1", "2", "3", "4"].prefix(told.count).map { $0 })
    }
  }

  @Test func withoutAPolicyNothingIsMadeAgain() async throws {
    let server = Failing(1)
    try await BalancedLoopback.run([server.script]) { loopback async throws in
      #expect(try await loopback.call().end.status.code == .unavailable)
      #expect(server.count == 1)
    }
  }

  @Test func otherCodesAreNotRetried() async throws {
    let server = Failing(1, status: 5)
    try await BalancedLoopback.run([server.script]) { loopback async throws in
      #expect(try await loopback.call(route: Self.route(5)).end.status.code == .notFound)
      #expect(server.count == 1)
    }
  }

  @Test func anAnswerThatHasBegunIsNotMadeAgain() async throws {
    let calls = NIOLockedValueBox(0)
    try await BalancedLoopback.run([
      { connection, event in
        guard case .data(let id, _, endStream: true) = event else { return }
        calls.withLockedValue { $0 += 1 }
        connection.respond(id)
        connection.trailers(id, status: 14)
      }
    ]) { loopback async throws in
      let outcome = try await loopback.call(route: Self.route(5))
      #expect(outcome.end.status.code == .unavailable)
      #expect(outcome.initial != nil)
      #expect(calls.withLockedValue { $0 } == 1)
    }
  }

  @Test(arguments: [(0, 2), (1, 1)])
  func whatIsTooLongToKeepIsNotMadeAgain(beyond: Int, attempts: Int) async throws {
    let server = Failing(1)
    var configuration = UpstreamConfiguration()
    configuration.maximumReplayBytes = 1000
    try await BalancedLoopback.run([server.script], configuration: configuration) { loopback async throws in
      try await loopback.connect(1)
      let running = try await loopback.start(
        route: Self.route(5), message: [UInt8](repeating: 1, count: 1000 + beyond))
      #expect(try await running.outcome.get().end.status.code == (attempts == 2 ? .ok : .unavailable))
      #expect(server.count == attempts)
    }
  }

  @Test func anotherAddressIsPreferred() async throws {
    let (failing, healthy) = (Failing(.max), CountingServer())
    try await BalancedLoopback.run([failing.script, healthy.script]) { loopback async throws in
      try await loopback.connect(2)
      for _ in 0..<10 { #expect(try await loopback.call(route: Self.route(2)).end.status.isOK) }
      #expect(healthy.calls == 10)
      #expect(failing.count >= 5)
    }
  }

  @Test func whatDiesUnderACallIsMadeAgain() async throws {
    let (dying, healthy) = (CountingServer(holds: true), CountingServer())
    try await BalancedLoopback.run([dying.script, healthy.script]) { loopback async throws in
      try await loopback.connect(2)
      var calls: [RunningCall] = []
      for _ in 0..<10 { calls.append(try await loopback.start(route: Self.route(2))) }
      try await loopback.until { _ in dying.calls == 5 }
      try await loopback.servers[0].kill()
      for call in calls { #expect(try await call.outcome.get().end.status.isOK) }
      #expect(healthy.calls == 10)
    }
  }

  @Test func theServersWordCounts() async throws {
    let never = Failing(1, fields: [("grpc-retry-pushback-ms", "-1")])
    try await BalancedLoopback.run([never.script]) { loopback async throws in
      #expect(try await loopback.call(route: Self.route(5)).end.status.code == .unavailable)
      #expect(never.count == 1)
    }
    let later = Failing(1, fields: [("grpc-retry-pushback-ms", "300")])
    try await BalancedLoopback.run([later.script]) { loopback async throws in
      let start = ContinuousClock.now
      #expect(try await loopback.call(route: Self.route(5)).end.status.isOK)
      #expect(ContinuousClock.now - start >= .milliseconds(300))
    }
  }

  @Test func theDeadlineHoldsForAllAttemptsTogether() async throws {
    let server = Failing(2, fields: [("grpc-retry-pushback-ms", "50")])
    try await BalancedLoopback.run([server.script]) { loopback async throws in
      #expect(try await loopback.call(route: Self.route(5), timeout: .seconds(20)).end.status.isOK)
      let left = server.requests.withLockedValue { $0.compactMap { $0.first(name: "grpc-timeout") } }
        .compactMap { GRPCTimeout(parsing: $0)?.nanoseconds }
      #expect(left.count == 3)
      #expect(left[1] <= left[0] - 50_000_000)
      #expect(left[2] <= left[1] - 50_000_000)
    }
    let late = Failing(1, fields: [("grpc-retry-pushback-ms", "60000")])
    try await BalancedLoopback.run([late.script]) { loopback async throws in
      let end = try await loopback.call(route: Self.route(5), timeout: .seconds(20)).end
      #expect(end.status.code == .unavailable)
      #expect(late.count == 1)
    }
  }

  @Test func aCallThatIsCancelledWhileItWaitsIsNotMadeAgain() async throws {
    let server = Failing(2, fields: [("grpc-retry-pushback-ms", "200")])
    try await BalancedLoopback.run([server.script]) { loopback async throws in
      let running = try await loopback.start(route: Self.route(5))
      try await loopback.until { $0.figures.policyRetries == 1 }
      _ = try await running.onLoop {
        $0.call?.cancel()
        $0.upstreamFinished(CallEnd(status: .ok, origin: .upstream))
      }
      _ = try await running.outcome.get()
      // Another call whose only retry comes after the time of the first one's.
      #expect(try await loopback.call(route: Self.route(5)).end.status.isOK)
      #expect(server.count == 3)
    }
  }

  /// Tokens for 4: two failures leave half of them.
  @Test(arguments: [(1, 2), (2, 1)])
  func tooManyFailuresEndTheRetries(earlier: Int, attempts: Int) async throws {
    let server = Failing(.max)
    try await BalancedLoopback.run([server.script]) { loopback async throws in
      let throttling = RetryThrottling(maximumTokens: 4, tokenRatioThousandths: 1)
      // Failures that the policy allows no retry for take tokens all the same.
      for _ in 0..<earlier - 1 { _ = try await loopback.call(route: Self.route(1, throttling: throttling)) }
      let before = server.count
      _ = try await loopback.call(route: Self.route(5, throttling: throttling))
      #expect(server.count - before == attempts)
      #expect(try await loopback.onLoop { $0.figures.retriesThrottled } == 1)
    }
  }

  @Test func anUploadUnderWayGoesOnInTheNextAttempt() async throws {
    let seen = NIOLockedValueBox<[UInt8]>([])
    try await BalancedLoopback.run([
      { connection, event in
        switch event {
        case .request(StreamID(1), _, _):
          connection.headers(
            StreamID(1), [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "14")],
            endStream: true)
        case .data(let id, let payload, let endStream) where id > StreamID(1):
          seen.withLockedValue { $0 += Array(payload.readableBytesView) }
          if endStream { LifecycleTests.answer(connection, id) }
        default: break
        }
      }
    ]) { loopback async throws in
      let running = try await loopback.start(route: Self.route(2), message: [1, 2], isLast: false)
      try await loopback.until { $0.figures.policyRetries == 1 }
      _ = try await running.onLoop { $0.call?.sendLast(bytes: [3]) }
      #expect(try await running.outcome.get().end.status.isOK)
      #expect(seen.withLockedValue { $0 } == [0, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 1, 3])
    }
  }
}
