import GRPCWire
import GRPCUpstream
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ScriptedUpstream

/// One upstream of several addresses, each a scripted upstream on a loopback socket, for one test.
struct BalancedLoopback {
  let eventLoop: any EventLoop
  let servers: [ScriptedUpstream]
  let upstream: NIOLoopBound<BalancedUpstream>
  /// What the name is resolved to; ports of 127.0.0.1, or nothing for a resolution that fails.
  let answer: NIOLockedValueBox<[Int]?>
  let resolutions: NIOLockedValueBox<Int>

  /// - Parameters:
  ///   - scripts: one for each address.
  ///   - isNamed: whether the addresses come from a resolver; else they are known.
  ///   - answer: what it says at first; all addresses when nil.
  static func run(
    _ scripts: [ScriptedUpstream.Script], isNamed: Bool = false, answer first: [Int]?? = nil,
    options: ScriptedConnection.Options = .init(), configuration: UpstreamConfiguration = .init(),
    _ body: (BalancedLoopback) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let eventLoop = group.next()
    var servers: [ScriptedUpstream] = []
    for script in scripts {
      servers.append(try await ScriptedUpstream.start(on: eventLoop, options: options, script: script))
    }
    let ports = servers.map(\.port)
    let answer = NIOLockedValueBox<[Int]?>(first ?? ports)
    let resolutions = NIOLockedValueBox(0)
    let resolver = NameResolver { _, _, eventLoop in
      resolutions.withLockedValue { $0 += 1 }
      guard let ports = answer.withLockedValue({ $0 }) else { return eventLoop.makeFailedFuture(CallNeverEnded()) }
      return eventLoop.makeCompletedFuture {
        try ports.map { try SocketAddress(ipAddress: "127.0.0.1", port: $0) }
      }
    }
    let list = "ipv4:" + ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    let name = try UpstreamName(parsing: isNamed ? "dns:///orders.test:9009" : list)
    let upstream = try await eventLoop.submit {
      NIOLoopBound(
        BalancedUpstream(eventLoop: eventLoop, name: name, configuration: configuration, resolver: resolver),
        eventLoop: eventLoop)
    }.get()
    let loopback = BalancedLoopback(
      eventLoop: eventLoop, servers: servers, upstream: upstream, answer: answer, resolutions: resolutions)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(loopback))
    } catch {
      result = .failure(error)
    }
    try await eventLoop.flatSubmit { upstream.value.shutdown(grace: .zero) }.get()
    for server in servers { try await server.kill() }
    try await group.shutdownGracefully()
    try result.get()
  }

  func onLoop<Value: Sendable>(_ body: @escaping @Sendable (BalancedUpstream) throws -> Value) async throws -> Value {
    try await eventLoop.submit { [upstream] in try body(upstream.value) }.get()
  }

  /// Connects, and returns once so many addresses have a connection.
  func connect(_ count: Int) async throws {
    _ = try await onLoop { $0.connect() }
    try await until { $0.figures.connectionsReady == count }
  }

  /// Waits until something that other events bring about holds.
  func until(_ condition: @escaping @Sendable (BalancedUpstream) -> Bool) async throws {
    for _ in 0..<2000 {
      if try await onLoop(condition) { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw CallNeverEnded()
  }

  /// Starts a call that sends one message and half-closes, if that is the last.
  func start(
    route: UpstreamRoute = Loopback.route, message: [UInt8] = [1], isLast: Bool = true, timeout: TimeAmount? = nil
  ) async throws -> RunningCall {
    try await eventLoop.submit { [upstream, eventLoop] in
      let recorder = CallRecorder(on: eventLoop)
      let call = upstream.value.call(route, metadata: CallMetadata(), timeout: timeout, delegate: recorder)
      recorder.call = call
      if isLast { call.sendLast(bytes: message) } else { call.send(bytes: message) }
      return RunningCall(recorder: NIOLoopBound(recorder, eventLoop: eventLoop), outcome: recorder.outcome)
    }.get()
  }

  func call(route: UpstreamRoute = Loopback.route, timeout: TimeAmount? = nil) async throws -> CallOutcome {
    try await start(route: route, timeout: timeout).outcome.get()
  }
}

/// Counts the calls of one scripted upstream, and holds their answers back while it is told to.
final class CountingServer: Sendable {
  private struct State {
    var calls = 0
    var isHolding: Bool
    var held: [@Sendable () -> Void] = []
  }

  private let state: NIOLockedValueBox<State>

  init(holds: Bool = false) { state = NIOLockedValueBox(State(isHolding: holds)) }

  var calls: Int { state.withLockedValue { $0.calls } }

  var script: ScriptedUpstream.Script {
    { [self] connection, event in
      guard case .data(let id, _, endStream: true) = event else { return }
      let answer = NIOLoopBound(connection, eventLoop: connection.channel.eventLoop)
      let isHeld = state.withLockedValue { state in
        state.calls += 1
        guard state.isHolding else { return false }
        state.held.append { answer.execute { LifecycleTests.answer($0, id) } }
        return true
      }
      if !isHeld { LifecycleTests.answer(connection, id) }
    }
  }

  /// Answers what was held back, and everything from now on.
  func release() {
    let held = state.withLockedValue { state in
      state.isHolding = false
      defer { state.held = [] }
      return state.held
    }
    for answer in held { answer() }
  }
}

extension NIOLoopBound where Value == ScriptedConnection {
  func execute(_ body: @escaping @Sendable (ScriptedConnection) -> Void) {
    eventLoop.execute { body(self.value) }
  }
}
