import GRPCWire
import GRPCUpstream
import HTTP2
import NIOCore
import NIOPosix
import ScriptedUpstream

/// A pool and a scripted upstream on real loopback sockets, for one test.
struct Loopback {
  let eventLoop: any EventLoop
  let upstream: ScriptedUpstream
  let pool: NIOLoopBound<UpstreamPool>
  static let route = UpstreamRoute(path: "/order.OrderManagement/getOrder")

  static func run<Result>(
    options: ScriptedConnection.Options = .init(), configuration: UpstreamConfiguration = .init(),
    script: @escaping ScriptedUpstream.Script, _ body: (Loopback) async throws -> Result
  ) async throws -> Result {
    // A thread of its own, so that no test's work makes another's time run out.
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let eventLoop = group.next()
    let upstream = try await ScriptedUpstream.start(on: eventLoop, options: options, script: script)
    let target = UpstreamTarget(host: "127.0.0.1", port: upstream.port)
    let pool = try await eventLoop.submit {
      NIOLoopBound(
        UpstreamPool(eventLoop: eventLoop, target: target, configuration: configuration), eventLoop: eventLoop)
    }.get()
    let loopback = Loopback(eventLoop: eventLoop, upstream: upstream, pool: pool)
    do {
      let result = try await body(loopback)
      try await loopback.stop()
      try await group.shutdownGracefully()
      return result
    } catch {
      try await loopback.stop()
      try await group.shutdownGracefully()
      throw error
    }
  }

  private func stop() async throws {
    try await eventLoop.flatSubmit { [pool] in pool.value.shutdown(grace: .zero) }.get()
    try await upstream.kill()
  }

  /// Runs on the pool's event loop.
  func onLoop<Value: Sendable>(_ body: @escaping @Sendable (UpstreamPool) throws -> Value) async throws -> Value {
    try await eventLoop.submit { [pool] in try body(pool.value) }.get()
  }

  /// Starts a call and lets `body` do with it what it likes.
  func start(
    route: UpstreamRoute = Loopback.route, _ body: @escaping @Sendable (CallRecorder, UpstreamCall) -> Void
  ) async throws -> RunningCall {
    try await eventLoop.submit { [pool, eventLoop] in
      let recorder = CallRecorder(on: eventLoop)
      let call = pool.value.call(route, metadata: CallMetadata(), timeout: nil, delegate: recorder)
      recorder.call = call
      body(recorder, call)
      return RunningCall(recorder: NIOLoopBound(recorder, eventLoop: eventLoop), outcome: recorder.outcome)
    }.get()
  }

  /// Waits until something that other events bring about holds.
  func until(_ condition: @escaping @Sendable (UpstreamPool) -> Bool) async throws {
    for _ in 0..<2000 {
      if try await onLoop(condition) { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw CallNeverEnded()
  }

  /// Makes a call that sends these messages at once and half-closes.
  func call(
    _ messages: [[UInt8]] = [[1, 2, 3]], metadata: [(String, String)] = [], timeout: TimeAmount? = nil,
    route: UpstreamRoute = Loopback.route
  ) async throws -> CallOutcome {
    try await eventLoop.flatSubmit { [pool, eventLoop] in
      let recorder = CallRecorder(on: eventLoop)
      let call = pool.value.call(route, metadata: CallMetadata(metadata), timeout: timeout, delegate: recorder)
      recorder.call = call
      for message in messages.dropLast() { call.send(message.span.bytes) }
      if let last = messages.last { call.sendLast(last.span.bytes) } else { call.finish() }
      return recorder.outcome
    }.get()
  }
}

/// A call under way.
struct RunningCall: Sendable {
  let recorder: NIOLoopBound<CallRecorder>
  let outcome: EventLoopFuture<CallOutcome>

  /// Runs on the call's event loop.
  func onLoop<Value: Sendable>(_ body: @escaping @Sendable (CallRecorder) -> Value) async throws -> Value {
    try await outcome.eventLoop.submit { [recorder] in body(recorder.value) }.get()
  }
}

extension UpstreamCall {
  func send(bytes: [UInt8]) { send(bytes.span.bytes) }

  func sendLast(bytes: [UInt8]) { sendLast(bytes.span.bytes) }
}
