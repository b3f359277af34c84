import GRPCUpstream
import GRPCWire
import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

/// Connections whose server says whether it serves.
@Suite(.timeLimit(.minutes(1)))
struct HealthTests {
  /// An upstream with the health service; answers every other call.
  private final class Server: Sendable {
    private struct State {
      var status: UInt8?
      var watches: [(connection: NIOLoopBound<ScriptedConnection>, id: StreamID)] = []
      var asked: [[UInt8]] = []
      var calls = 0
    }

    private let state: NIOLockedValueBox<State>
    /// What `Watch` is refused with, if it is.
    private let refusal: Int?

    /// - Parameter status: of HealthCheckResponse; nothing is said while it is nil.
    init(_ status: UInt8?, refusal: Int? = nil) {
      state = NIOLockedValueBox(State(status: status))
      self.refusal = refusal
    }

    var calls: Int { state.withLockedValue { $0.calls } }
    var asked: [[UInt8]] { state.withLockedValue { $0.asked } }
    var watches: Int { state.withLockedValue { $0.watches.count } }

    func say(_ status: UInt8) {
      let watches = state.withLockedValue { state in
        state.status = status
        return state.watches
      }
      for (connection, id) in watches { connection.execute { $0.message(id, [0x08, status]) } }
    }

    func endWatches(status: Int) {
      let watches = state.withLockedValue { state in
        defer { state.watches = [] }
        return state.watches
      }
      for (connection, id) in watches { connection.execute { $0.trailers(id, status: status) } }
    }

    var script: ScriptedUpstream.Script {
      { [self] connection, event in
        switch event {
        case .request(let id, let headers, _):
          if headers.first(name: ":path") == "/grpc.health.v1.Health/Watch" {
            connection.notes["watch \(id)"] = 1
          }
        case .data(let id, let payload, endStream: true):
          let isWatch = connection.notes["watch \(id)"] == 1
          if isWatch { watch(connection, id, Array(payload.readableBytesView)) } else { answer(connection, id) }
        default: break
        }
      }
    }

    private func answer(_ connection: ScriptedConnection, _ id: StreamID) {
      state.withLockedValue { $0.calls += 1 }
      LifecycleTests.answer(connection, id)
    }

    private func watch(_ connection: ScriptedConnection, _ id: StreamID, _ request: [UInt8]) {
      if let refusal {
        connection.headers(
          id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "\(refusal)")],
          endStream: true)
        return
      }
      let bound = NIOLoopBound(connection, eventLoop: connection.channel.eventLoop)
      let status = state.withLockedValue { state in
        state.asked.append(request)
        state.watches.append((bound, id))
        return state.status
      }
      connection.respond(id)
      if let status { connection.message(id, [0x08, status]) }
    }
  }

  private static func configuration(_ service: String = "order.OrderManagement") -> UpstreamConfiguration {
    var configuration = BalancedUpstreamTests.quick
    configuration.balancing.healthService = service
    return configuration
  }

  @Test func whoDoesNotServeGetsNoCallsUntilItDoes() async throws {
    let (one, other) = (Server(1), Server(2))
    try await BalancedLoopback.run([one.script, other.script], configuration: Self.configuration()) {
      loopback async throws in
      try await loopback.connect(2)
      try await loopback.until { $0.figures.addressesEjected == 1 && $0.state == .ready }
      for _ in 0..<10 { #expect(try await loopback.call().end.status.isOK) }
      #expect(one.calls == 10)
      other.say(1)
      try await loopback.until { $0.figures.addressesEjected == 0 }
      for _ in 0..<10 { #expect(try await loopback.call().end.status.isOK) }
      #expect(other.calls == 5)
      one.say(2)
      try await loopback.until { $0.figures.addressesEjected == 1 }
      for _ in 0..<10 { #expect(try await loopback.call().end.status.isOK) }
      #expect(one.calls == 15)
      #expect(other.calls == 15)
      // The field, the length, and the name.
      #expect(one.asked == [[0, 0, 0, 0, 23, 0x0A, 21] + Array("order.OrderManagement".utf8)])
    }
  }

  @Test func noCallGoesWhereNothingServes() async throws {
    let server = Server(2)
    try await BalancedLoopback.run([server.script], configuration: Self.configuration("")) { loopback async throws in
      try await loopback.connect(1)
      try await loopback.until { $0.state == .notServing }
      let end = try await loopback.call().end
      #expect(end.status.code == .unavailable)
      #expect(end.status.message == "the upstream says that it is not serving")
      #expect(server.calls == 0)
      // The whole server is the empty message.
      #expect(server.asked == [[0, 0, 0, 0, 0]])
      server.say(1)
      try await loopback.until { $0.state == .ready }
      #expect(try await loopback.call().end.status.isOK)
      #expect(try await loopback.servers[0].acceptedConnections() == 1)
    }
  }

  @Test func callsWaitForTheFirstWord() async throws {
    let server = Server(nil)
    try await BalancedLoopback.run([server.script], configuration: Self.configuration()) { loopback async throws in
      let running = try await loopback.start()
      try await loopback.until { _ in server.watches == 1 }
      #expect(try await loopback.onLoop { $0.state } == .connecting)
      #expect(server.calls == 0)
      server.say(1)
      #expect(try await running.outcome.get().end.status.isOK)
      #expect(try await loopback.servers[0].acceptedConnections() == 1)
    }
  }

  @Test func callsThatWaitFailWhenTheWordIsNo() async throws {
    for count in [1, 2] {
      let server = Server(nil)
      let scripts = Array(repeating: server.script, count: count)
      try await BalancedLoopback.run(scripts, configuration: Self.configuration()) { loopback async throws in
        let running = try await loopback.start()
        try await loopback.until { _ in server.watches == count }
        server.say(2)
        let end = try await running.outcome.get().end
        #expect(end.status.message == "the upstream says that it is not serving")
      }
    }
  }

  @Test func aServerWithoutHealthIsHealthy() async throws {
    let server = Server(nil, refusal: 12)
    try await BalancedLoopback.run([server.script], configuration: Self.configuration()) { loopback async throws in
      for _ in 0..<3 { #expect(try await loopback.call().end.status.isOK) }
      #expect(try await loopback.onLoop { $0.state } == .ready)
    }
  }

  @Test func aWatchThatFailsEjectsAndIsBegunAgain() async throws {
    let server = Server(1)
    try await BalancedLoopback.run([server.script], configuration: Self.configuration()) { loopback async throws in
      #expect(try await loopback.call().end.status.isOK)
      server.endWatches(status: 14)
      try await loopback.until { _ in server.watches == 1 && server.asked.count == 2 }
      try await loopback.until { $0.state == .ready }
      #expect(try await loopback.call().end.status.isOK)
    }
  }

  @Test func theWatchIsNoCall() async throws {
    let server = Server(1)
    try await BalancedLoopback.run([server.script], configuration: Self.configuration()) { loopback async throws in
      #expect(try await loopback.call().end.status.isOK)
      #expect(try await loopback.onLoop { $0.openCalls } == 0)
      // It keeps no connection from closing.
      try await loopback.eventLoop.flatSubmit { [upstream = loopback.upstream] in
        upstream.value.shutdown(grace: .seconds(60))
      }.get()
    }
  }
}

/// Connections that nobody uses.
@Suite(.timeLimit(.minutes(1)))
struct IdleTests {
  private static func configuration(_ timeout: TimeAmount) -> UpstreamConfiguration {
    var configuration = UpstreamConfiguration()
    configuration.balancing.idleTimeout = timeout
    return configuration
  }

  @Test(arguments: [1, 2])
  func connectionsWithoutCallsAreClosedAndTheNextCallConnects(addresses: Int) async throws {
    let servers = (0..<addresses).map { _ in CountingServer() }
    try await BalancedLoopback.run(servers.map(\.script), configuration: Self.configuration(.milliseconds(50))) {
      loopback async throws in
      for round in 1...2 {
        #expect(try await loopback.call().end.status.isOK)
        try await loopback.until { $0.state == .dormant && $0.figures.connectionsDraining == 0 }
        while try await loopback.servers[0].openConnections() > 0 {}
        #expect(servers.map(\.calls).reduce(0, +) == round)
      }
      #expect(try await loopback.onLoop { $0.figures.connectionsLost } == 0)
    }
  }

  @Test func aCallThatIsOpenKeepsItsConnection() async throws {
    let server = CountingServer(holds: true)
    try await BalancedLoopback.run([server.script], configuration: Self.configuration(.milliseconds(30))) {
      loopback async throws in
      let running = try await loopback.start()
      try await loopback.until { _ in server.calls == 1 }
      // Several times the timeout.
      try await loopback.eventLoop.scheduleTask(in: .milliseconds(200)) {}.futureResult.get()
      #expect(try await loopback.onLoop { $0.state } == .ready)
      server.release()
      #expect(try await running.outcome.get().end.status.isOK)
      try await loopback.until { $0.state == .dormant }
    }
  }

  @Test func zeroIsNever() async throws {
    let server = CountingServer()
    try await BalancedLoopback.run([server.script], configuration: Self.configuration(.zero)) { loopback async throws in
      #expect(try await loopback.call().end.status.isOK)
      try await loopback.eventLoop.scheduleTask(in: .milliseconds(100)) {}.futureResult.get()
      #expect(try await loopback.onLoop { $0.state } == .ready)
    }
  }
}
