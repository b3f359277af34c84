import GRPCUpstream
import GRPCWire
import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import ScriptedUpstream
import Testing

/// Calls that wait for a stream of one address and get one of another.
@Suite(.timeLimit(.minutes(1)))
struct MovingTests {
  /// One stream for each address, and calls that would rather wait than fail.
  private static var patient: UpstreamConfiguration {
    var configuration = BalancedUpstreamTests.quick
    configuration.maximumConnections = 1
    configuration.maximumWait = .seconds(40)
    return configuration
  }

  private static var oneStream: ScriptedConnection.Options {
    var options = ScriptedConnection.Options()
    options.settings = [.init(.maxConcurrentStreams, 1)]
    return options
  }

  /// Calls that have to wait, at both addresses, with their numbers as messages.
  private static func waiting(_ count: UInt8, at loopback: BalancedLoopback) async throws -> [RunningCall] {
    var calls: [RunningCall] = []
    for number in 1...count { calls.append(try await loopback.start(message: [number])) }
    #expect(try await loopback.onLoop { $0.waitingCalls } == Int(count))
    return calls
  }

  @Test func callsGoToWhoHasAStreamFirst() async throws {
    let (swift, slow) = (CountingServer(holds: true), CountingServer(holds: true))
    let order = NIOLockedValueBox<[UInt8]>([])
    let recording: ScriptedUpstream.Script = { connection, event in
      if case .data(_, let data, endStream: true) = event, let number = data.readableBytesView.last {
        order.withLockedValue { $0.append(number) }
      }
      swift.script(connection, event)
    }
    try await BalancedLoopback.run([recording, slow.script], options: Self.oneStream, configuration: Self.patient) {
      loopback async throws in
      try await loopback.connect(2)
      let open = [try await loopback.start(message: [0]), try await loopback.start(message: [0])]
      try await loopback.until { _ in swift.calls == 1 && slow.calls == 1 }
      let calls = try await Self.waiting(6, at: loopback)
      swift.release()
      for call in calls { #expect(try await call.outcome.get().end.status.isOK) }
      #expect(swift.calls == 7)
      #expect(slow.calls == 1)
      // At whichever address they waited, who came first went first.
      #expect(order.withLockedValue { $0 } == [0, 1, 2, 3, 4, 5, 6])
      slow.release()
      for call in open { #expect(try await call.outcome.get().end.status.isOK) }
    }
  }

  @Test func callsGoToAnAddressThatComesBack() async throws {
    let (full, gone) = (CountingServer(holds: true), CountingServer())
    try await BalancedLoopback.run(
      [full.script, gone.script], options: Self.oneStream, configuration: Self.patient
    ) { loopback async throws in
      try await loopback.servers[1].kill()
      _ = try await loopback.onLoop { $0.connect() }
      try await loopback.until { $0.figures.connectionsReady == 1 && $0.figures.addressesFailing == 1 }
      let open = try await loopback.start(message: [0])
      try await loopback.until { _ in full.calls == 1 }
      let calls = try await Self.waiting(4, at: loopback)
      let back = CountingServer()
      let server = try await ScriptedUpstream.start(
        on: loopback.eventLoop, port: loopback.servers[1].port, options: Self.oneStream, script: back.script)
      for call in calls { #expect(try await call.outcome.get().end.status.isOK) }
      #expect(back.calls == 4)
      #expect(full.calls == 1)
      full.release()
      #expect(try await open.outcome.get().end.status.isOK)
      try await server.kill()
    }
  }

  @Test func whoIsCancelledWhileWaitingIsNotMoved() async throws {
    let (swift, slow) = (CountingServer(holds: true), CountingServer(holds: true))
    try await BalancedLoopback.run([swift.script, slow.script], options: Self.oneStream, configuration: Self.patient) {
      loopback async throws in
      try await loopback.connect(2)
      let open = [try await loopback.start(), try await loopback.start()]
      try await loopback.until { _ in swift.calls == 1 && slow.calls == 1 }
      let calls = try await Self.waiting(4, at: loopback)
      for call in calls.prefix(2) {
        try await loopback.eventLoop.submit { [recorder = call.recorder] in recorder.value.call?.cancel() }.get()
      }
      #expect(try await loopback.onLoop { $0.waitingCalls } == 2)
      swift.release()
      for call in calls.dropFirst(2) { #expect(try await call.outcome.get().end.status.isOK) }
      #expect(swift.calls == 3)
      slow.release()
      for call in open { #expect(try await call.outcome.get().end.status.isOK) }
    }
  }
}
