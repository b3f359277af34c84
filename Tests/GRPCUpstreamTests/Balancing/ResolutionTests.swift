import GRPCUpstream
import GRPCWire
import NIOConcurrencyHelpers
import NIOCore
import ScriptedUpstream
import Testing

/// Addresses that a name is resolved to.
@Suite(.timeLimit(.minutes(1)))
struct ResolutionTests {
  private static func configuration(
    interval: TimeAmount = .milliseconds(10), minimum: TimeAmount = .milliseconds(10)
  ) -> UpstreamConfiguration {
    var configuration = BalancedUpstreamTests.quick
    configuration.balancing.resolveInterval = interval
    configuration.balancing.minimumResolveInterval = minimum
    return configuration
  }

  @Test func newAddressesJoinAndVanishedOnesDrain() async throws {
    let (old, new) = (CountingServer(holds: true), CountingServer())
    try await BalancedLoopback.run([old.script, new.script], isNamed: true, configuration: Self.configuration()) {
      loopback async throws in
      let ports = loopback.servers.map(\.port)
      loopback.answer.withLockedValue { $0 = [ports[0]] }
      try await loopback.connect(1)
      let running = try await loopback.start()
      try await loopback.until { _ in old.calls == 1 }
      loopback.answer.withLockedValue { $0 = [ports[1]] }
      try await loopback.until { $0.figures.connectionsDraining == 1 && $0.figures.connectionsReady == 1 }
      for _ in 0..<10 { #expect(try await loopback.call().end.status.isOK) }
      #expect(old.calls == 1)
      #expect(new.calls == 10)
      // What the address that is gone has yet, it finishes.
      old.release()
      #expect(try await running.outcome.get().end.status.isOK)
      try await loopback.until { $0.figures.connectionsDraining == 0 }
      while try await loopback.servers[0].openConnections() > 0 {}
    }
  }

  @Test func aResolutionThatFailsOrFindsNothingKeepsTheAddresses() async throws {
    let server = CountingServer()
    try await BalancedLoopback.run([server.script], isNamed: true, configuration: Self.configuration()) {
      loopback async throws in
      try await loopback.connect(1)
      for answer in [nil, []] as [[Int]?] {
        loopback.answer.withLockedValue { $0 = answer }
        let before = try await loopback.onLoop { $0.figures.resolutionFailures }
        try await loopback.until { $0.figures.resolutionFailures > before }
        #expect(try await loopback.call().end.status.isOK)
      }
      #expect(try await loopback.servers[0].acceptedConnections() == 1)
    }
  }

  @Test func aNameThatCannotBeResolvedSaysSoAndIsFoundLater() async throws {
    let server = CountingServer()
    try await BalancedLoopback.run(
      [server.script], isNamed: true, answer: .some(nil), configuration: Self.configuration()
    ) { loopback async throws in
      let end = try await loopback.call().end
      #expect(end.origin == .gateway(.unreachable))
      #expect(end.status.message == "the upstream's name cannot be resolved")
      #expect(try await loopback.onLoop { $0.state } == .unresolved)
      let port = loopback.servers[0].port
      loopback.answer.withLockedValue { $0 = [port] }
      try await loopback.until { $0.state == .ready }
      #expect(try await loopback.call().end.status.isOK)
    }
  }

  @Test func aLostConnectionAsksForTheAddressesAgain() async throws {
    let (old, new) = (CountingServer(), CountingServer())
    // Never by itself.
    try await BalancedLoopback.run(
      [old.script, new.script], isNamed: true, configuration: Self.configuration(interval: .zero)
    ) { loopback async throws in
      let ports = loopback.servers.map(\.port)
      loopback.answer.withLockedValue { $0 = [ports[0]] }
      try await loopback.connect(1)
      loopback.answer.withLockedValue { $0 = [ports[1]] }
      #expect(loopback.resolutions.withLockedValue { $0 } == 1)
      try await loopback.servers[0].kill()
      try await loopback.until { _ in loopback.resolutions.withLockedValue { $0 } >= 2 }
      try await loopback.until { $0.state == .ready }
      #expect(try await loopback.call().end.status.isOK)
      #expect(new.calls == 1)
    }
  }

  @Test func lostConnectionsDoNotAskOftenerThanAllowed() async throws {
    let server = CountingServer()
    try await BalancedLoopback.run(
      [server.script], isNamed: true, configuration: Self.configuration(interval: .zero, minimum: .seconds(60))
    ) { loopback async throws in
      try await loopback.connect(1)
      try await loopback.servers[0].kill()
      try await loopback.until { $0.figures.attemptFailures >= 3 }
      #expect(loopback.resolutions.withLockedValue { $0 } == 1)
    }
  }

  @Test(arguments: [(2, 2), (3, 2)])
  func addressesAreBounded(found: Int, used: Int) async throws {
    var configuration = Self.configuration()
    configuration.balancing.maximumAddresses = 2
    let server = CountingServer()
    let scripts = Array(repeating: server.script, count: found)
    try await BalancedLoopback.run(scripts, isNamed: true, configuration: configuration) { loopback async throws in
      try await loopback.connect(used)
      #expect(try await loopback.onLoop { $0.figures.addresses } == used)
    }
  }

  /// An upstream whose name is never resolved.
  private func withUnresolved(
    _ configuration: UpstreamConfiguration, _ body: (BalancedLoopback) async throws -> Void
  ) async throws {
    let pending = NIOLockedValueBox<[EventLoopPromise<[SocketAddress]>]>([])
    try await BalancedLoopback.run([{ _, _ in }]) { loopback async throws in
      let resolver = NameResolver { _, _, eventLoop in
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        pending.withLockedValue { $0.append(promise) }
        return promise.futureResult
      }
      let upstream = try await loopback.eventLoop.submit { [eventLoop = loopback.eventLoop, configuration] in
        NIOLoopBound(
          BalancedUpstream(
            eventLoop: eventLoop, name: UpstreamName(host: "orders.test", port: 1), configuration: configuration,
            resolver: resolver), eventLoop: eventLoop)
      }.get()
      try await body(
        BalancedLoopback(
          eventLoop: loopback.eventLoop, servers: [], upstream: upstream, answer: loopback.answer,
          resolutions: loopback.resolutions))
      _ = try await loopback.eventLoop.flatSubmit { upstream.value.shutdown(grace: .zero) }.get()
      for promise in pending.withLockedValue({ $0 }) { promise.succeed([]) }
    }
  }

  @Test func callsThatWaitForAnAddressAreBounded() async throws {
    var configuration = UpstreamConfiguration()
    configuration.maximumWaitingCalls = 3
    // None ends for this during the test.
    configuration.connectTimeout = .minutes(10)
    try await withUnresolved(configuration) { waiting async throws in
      var calls: [RunningCall] = []
      for _ in 0..<3 { calls.append(try await waiting.start()) }
      #expect(try await waiting.onLoop { $0.waitingCalls } == 3)
      let beyond = try await waiting.call()
      #expect(beyond.end.origin == .gateway(.overloaded))
      // One that is cancelled makes room.
      let first = calls.removeFirst()
      _ = try await first.onLoop { $0.call?.cancel() }
      #expect(try await waiting.onLoop { $0.waitingCalls } == 2)
      _ = try await first.onLoop { $0.upstreamFinished(CallEnd(status: .ok, origin: .upstream)) }
    }
  }

  @Test func callsWaitForAnAddressForAsLongAsForAConnection() async throws {
    var configuration = UpstreamConfiguration()
    configuration.connectTimeout = .milliseconds(50)
    try await withUnresolved(configuration) { waiting async throws in
      let call = try await waiting.start()
      #expect(try await call.outcome.get().end.origin == .gateway(.unreachable))
    }
  }

  @Test func theSystemResolvesLocalhost() async throws {
    try await BalancedLoopback.run([CountingServer().script]) { loopback async throws in
      let addresses = try await NameResolver.system.addresses(of: "localhost", port: 9009, on: loopback.eventLoop).get()
      #expect(!addresses.isEmpty)
      #expect(addresses.allSatisfy { $0.port == 9009 })
      await #expect(throws: NameResolver.Failure.self) {
        try await NameResolver.system.addresses(of: "nobody.invalid", port: 1, on: loopback.eventLoop).get()
      }
    }
  }
}
