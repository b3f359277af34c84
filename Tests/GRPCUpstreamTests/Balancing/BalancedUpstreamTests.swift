import GRPCUpstream
import GRPCWire
import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import ScriptedUpstream
import Testing

/// Several addresses, known from the start.
@Suite(.timeLimit(.minutes(1)))
struct BalancedUpstreamTests {
  static var quick: UpstreamConfiguration {
    var configuration = UpstreamConfiguration()
    configuration.backoff.initial = .milliseconds(20)
    configuration.backoff.maximum = .milliseconds(20)
    configuration.backoff.minimumUnderDemand = .milliseconds(10)
    return configuration
  }

  @Test func roundRobinSpreadsEvenly() async throws {
    let servers = (0..<3).map { _ in CountingServer() }
    try await BalancedLoopback.run(servers.map(\.script)) { loopback async throws in
      try await loopback.connect(3)
      for _ in 0..<30 { #expect(try await loopback.call().end.status.isOK) }
      #expect(servers.map(\.calls) == [10, 10, 10])
    }
  }

  @Test func leastRequestAvoidsTheSlowOne() async throws {
    let (slow, swift) = (CountingServer(holds: true), CountingServer())
    var configuration = UpstreamConfiguration()
    configuration.balancing.policy = .leastRequest
    try await BalancedLoopback.run([slow.script, swift.script], configuration: configuration) {
      loopback async throws in
      try await loopback.connect(2)
      var calls: [RunningCall] = []
      for count in 1...40 {
        calls.append(try await loopback.start())
        // Everything but what the slow one holds is answered before the next.
        try await loopback.until { _ in slow.calls + swift.calls == count }
        try await loopback.until { $0.openCalls == slow.calls }
      }
      #expect(slow.calls == 1)
      #expect(swift.calls == 39)
      slow.release()
      for call in calls { #expect(try await call.outcome.get().end.status.isOK) }
    }
  }

  @Test func whoDiesTakesOnlyItsOwnCallsAlongAndIsUsedAgain() async throws {
    let (one, other) = (CountingServer(holds: true), CountingServer(holds: true))
    try await BalancedLoopback.run([one.script, other.script], configuration: Self.quick) { loopback async throws in
      try await loopback.connect(2)
      var calls: [RunningCall] = []
      for _ in 0..<20 { calls.append(try await loopback.start()) }
      try await loopback.until { _ in one.calls == 10 && other.calls == 10 }
      try await loopback.servers[0].kill()
      try await loopback.until { $0.figures.connectionsReady == 1 }
      other.release()
      var lost = 0
      for call in calls {
        let end = try await call.outcome.get().end
        if end.origin == .gateway(.connectionLost) { lost += 1 } else { #expect(end.status.isOK) }
      }
      #expect(lost == 10)
      for _ in 0..<20 { #expect(try await loopback.call().end.status.isOK) }
      #expect(other.calls == 30)
      #expect(try await loopback.onLoop { $0.state } == .ready)

      let back = CountingServer()
      let server = try await ScriptedUpstream.start(
        on: loopback.eventLoop, port: loopback.servers[0].port, script: back.script)
      try await loopback.until { $0.figures.connectionsReady == 2 }
      for _ in 0..<20 { #expect(try await loopback.call().end.status.isOK) }
      #expect(back.calls == 10)
      try await server.kill()
    }
  }

  @Test func refusedCallIsMadeAgainElsewhere() async throws {
    let healthy = CountingServer()
    let refusing: ScriptedUpstream.Script = { connection, event in
      if case .data(let id, _, endStream: true) = event { connection.reset(id, .refusedStream) }
    }
    try await BalancedLoopback.run([refusing, healthy.script, refusing]) { loopback async throws in
      try await loopback.connect(3)
      var failures = 0
      for _ in 0..<30 where try await !loopback.call().end.status.isOK { failures += 1 }
      // Of two refusing ones the other may be chosen for the one retry, never the same.
      #expect(failures <= 15)
      #expect(healthy.calls >= 15)
    }
  }

  @Test func oneRefusingAddressOfTwoIsNotNoticed() async throws {
    let healthy = CountingServer()
    let refusing: ScriptedUpstream.Script = { connection, event in
      if case .data(let id, _, endStream: true) = event { connection.reset(id, .refusedStream) }
    }
    try await BalancedLoopback.run([refusing, healthy.script]) { loopback async throws in
      try await loopback.connect(2)
      for _ in 0..<20 { #expect(try await loopback.call().end.status.isOK) }
      #expect(healthy.calls == 20)
      // Every other call at least went to the refusing one first.
      #expect(try await loopback.onLoop { (10...20).contains($0.figures.transparentRetries) })
    }
  }

  @Test func addressesWithoutAFreeStreamAreSkipped() async throws {
    let (full, free) = (CountingServer(holds: true), CountingServer())
    var options = ScriptedConnection.Options()
    options.settings = [.init(.maxConcurrentStreams, 1)]
    var configuration = UpstreamConfiguration()
    configuration.maximumConnections = 1
    try await BalancedLoopback.run([full.script, free.script], options: options, configuration: configuration) {
      loopback async throws in
      try await loopback.connect(2)
      var held: [RunningCall] = []
      while full.calls == 0 {
        held.append(try await loopback.start())
        let count = held.count
        try await loopback.until { _ in full.calls + free.calls == count }
        try await loopback.until { $0.openCalls == full.calls }
      }
      for _ in 0..<10 { #expect(try await loopback.call().end.status.isOK) }
      #expect(full.calls == 1)
      full.release()
      for call in held { #expect(try await call.outcome.get().end.status.isOK) }
    }
  }

  @Test func callsWaitForTheFirstAddressThatIsThere() async throws {
    let server = CountingServer()
    var silent = UpstreamConfiguration()
    silent.connectTimeout = .seconds(10)
    try await BalancedLoopback.run([server.script, server.script], configuration: silent) { loopback async throws in
      try await loopback.servers[0].kill()
      // Nothing is connected yet.
      #expect(try await loopback.call().end.status.isOK)
      #expect(server.calls == 1)
    }
  }

  @Test func nobodyThereIsToldAtOnce() async throws {
    let server = CountingServer()
    try await BalancedLoopback.run([server.script, server.script]) { loopback async throws in
      for server in loopback.servers { try await server.kill() }
      let start = ContinuousClock.now
      for _ in 0..<10 { #expect(try await loopback.call().end.origin == .gateway(.unreachable)) }
      #expect(ContinuousClock.now - start < .seconds(4))
      #expect(try await loopback.onLoop { $0.state } == .failing)
      let figures = try await loopback.onLoop { $0.figures }
      #expect(figures.unreachable == 10)
      #expect(figures.attemptFailures >= 2)
      #expect(figures.addressesFailing == 2)
    }
  }

  @Test func shutdownEndsEveryAddress() async throws {
    let servers = (0..<3).map { _ in CountingServer(holds: true) }
    try await BalancedLoopback.run(servers.map(\.script)) { loopback async throws in
      try await loopback.connect(3)
      let calls = [try await loopback.start(), try await loopback.start(), try await loopback.start()]
      try await loopback.until { _ in servers.allSatisfy { $0.calls == 1 } }
      let done = try await loopback.eventLoop.submit { [upstream = loopback.upstream] in
        upstream.value.shutdown(grace: .seconds(10))
      }.get()
      #expect(try await loopback.call().end.origin == .gateway(.shutdown))
      for server in servers { server.release() }
      for call in calls { #expect(try await call.outcome.get().end.status.isOK) }
      try await done.get()
      #expect(try await loopback.onLoop { $0.state } == .shutDown)
    }
  }
}
