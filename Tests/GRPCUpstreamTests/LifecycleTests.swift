import GRPCUpstream
import GRPCWire
import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import ScriptedUpstream
import Testing

/// Connections that come and go under the calls.
@Suite(.timeLimit(.minutes(1)))
struct LifecycleTests {
  static func answer(_ connection: ScriptedConnection, _ id: StreamID) {
    connection.respond(id)
    connection.message(id, [7])
    connection.trailers(id)
  }

  /// Answers every call that has sent everything.
  static let healthy: ScriptedUpstream.Script = { connection, event in
    if case .data(let id, _, endStream: true) = event { answer(connection, id) }
  }

  @Test
  func callsShareOneConnection() async throws {
    try await Loopback.run(script: Self.healthy) { loopback async throws in
      try await withThrowingTaskGroup(of: GRPCCode.self) { group in
        for _ in 0..<100 { group.addTask { try await loopback.call().end.status.code } }
        for try await code in group { #expect(code == .ok) }
      }
      #expect(try await loopback.upstream.acceptedConnections() == 1)
    }
  }

  @Test
  func refusedCallIsMadeAgainOnce() async throws {
    for timesRefused in 1...2 {
      let seen = NIOLockedValueBox<[[UInt8]]>([])
      try await Loopback.run(script: { connection, event in
        guard case .data(let id, let payload, endStream: true) = event else { return }
        let count = seen.withLockedValue {
          $0.append(Array(payload.readableBytesView))
          return $0.count
        }
        if count <= timesRefused {
          connection.reset(id, .refusedStream)
        } else {
          Self.answer(connection, id)
        }
      }) { loopback async throws in
        let outcome = try await loopback.call([[1, 2, 3]])
        if timesRefused == 1 {
          #expect(outcome.end.status.isOK)
        } else {
          #expect(outcome.end.status.code == .unavailable)
          #expect(outcome.end.origin == .gateway(.reset(.refusedStream)))
        }
        #expect(seen.withLockedValue { $0 } == Array(repeating: [0, 0, 0, 0, 3, 1, 2, 3], count: 2))
      }
    }
  }

  @Test
  func refusedUploadGoesOnWhereItWas() async throws {
    let seen = NIOLockedValueBox<[UInt8]>([])
    try await Loopback.run(script: { connection, event in
      switch event {
      case .request(StreamID(1), _, _): connection.reset(StreamID(1), .refusedStream)
      case .data(let id, let payload, let endStream) where id > StreamID(1):
        seen.withLockedValue { $0 += Array(payload.readableBytesView) }
        if endStream { Self.answer(connection, id) }
      default: break
      }
    }) { loopback async throws in
      let messages = (0..<20).map { [UInt8](repeating: $0, count: 1000) }
      let running = try await loopback.start { _, call in
        for message in messages.prefix(10) { call.send(message.span.bytes) }
      }
      for message in messages.dropFirst(10) {
        try await Task.sleep(for: .milliseconds(2))
        _ = try await running.onLoop { $0.call?.send(message.span.bytes) }
      }
      _ = try await running.onLoop { $0.call?.finish() }
      #expect(try await running.outcome.get().end.status.isOK)
      let expected = messages.flatMap { ScriptedConnection.framed($0) }
      let isSame = seen.withLockedValue { $0 } == expected
      #expect(isSame)
    }
  }

  @Test
  func callTooLongToKeepIsNotMadeAgain() async throws {
    try await Loopback.run(script: { connection, event in
      if case .data(let id, _, endStream: true) = event { connection.reset(id, .refusedStream) }
    }) { loopback async throws in
      let outcome = try await loopback.call([Array(repeating: 1, count: 70_000)])
      #expect(outcome.end.origin == .gateway(.reset(.refusedStream)))
      #expect(try await loopback.upstream.acceptedConnections() == 1)
    }
  }

  @Test
  func answeredCallIsNotMadeAgain() async throws {
    let calls = NIOLockedValueBox(0)
    try await Loopback.run(script: { connection, event in
      guard case .data(let id, _, endStream: true) = event else { return }
      calls.withLockedValue { $0 += 1 }
      connection.respond(id)
      connection.reset(id, .refusedStream)
    }) { loopback async throws in
      #expect(try await loopback.call().end.status.code == .unavailable)
      #expect(calls.withLockedValue { $0 } == 1)
    }
  }

  @Test
  func unprocessedCallsOfAGoAwayMoveOn() async throws {
    try await Loopback.run(script: { connection, event in
      guard case .data(let id, _, endStream: true) = event else { return }
      connection.notes["calls", default: 0] += 1
      // The first connection takes four calls and answers the first two only.
      if connection.notes["calls"] == 4 {
        connection.goAway(StreamID(3))
        Self.answer(connection, StreamID(1))
        Self.answer(connection, StreamID(3))
      } else if id > StreamID(7) || connection.notes["late"] == 1 {
        Self.answer(connection, id)
      } else if connection.notes["calls"] == 1 {
        connection.after(.milliseconds(200)) { later in
          if (later.notes["calls"] ?? 0) < 4 {
            later.notes["late"] = 1
            for id in stride(from: 1 as UInt32, through: 7, by: 2).prefix(later.notes["calls"] ?? 0) {
              Self.answer(later, StreamID(id))
            }
          }
        }
      }
    }) { loopback async throws in
      try await withThrowingTaskGroup(of: GRPCCode.self) { group in
        for _ in 0..<4 { group.addTask { try await loopback.call().end.status.code } }
        for try await code in group { #expect(code == .ok) }
      }
      #expect(try await loopback.upstream.acceptedConnections() == 2)
    }
  }

  @Test
  func gracefulGoAwayLosesNothing() async throws {
    // In two phases around every tenth call, as servers with a maximum connection age do it.
    try await Loopback.run(script: { connection, event in
      guard case .data(let id, _, endStream: true) = event else { return }
      connection.notes["calls", default: 0] += 1
      if connection.notes["calls"] == 10 {
        connection.goAway(.maximum)
        connection.after(.milliseconds(5)) { later in
          later.goAway(id)
          Self.answer(later, id)
        }
      } else {
        Self.answer(connection, id)
      }
    }) { loopback async throws in
      for _ in 0..<35 { #expect(try await loopback.call().end.status.isOK) }
      #expect(try await loopback.upstream.acceptedConnections() == 4)
      try await loopback.until { $0.openCalls == 0 }
    }
  }

  @Test
  func goAwayOnEveryCallFailsAndBacksOff() async throws {
    var configuration = UpstreamConfiguration()
    configuration.backoff.initial = .seconds(60)
    configuration.backoff.maximum = .seconds(60)
    configuration.backoff.minimumUnderDemand = .seconds(60)
    try await Loopback.run(
      configuration: configuration,
      script: { connection, event in
        if case .data = event {
          connection.goAway(StreamID(0))
          connection.close()
        }
      }
    ) { loopback async throws in
      for _ in 0..<20 { #expect(try await loopback.call().end.status.code == .unavailable) }
      // The first, the one that replaces it at once, and none until the back-off is over.
      #expect(try await loopback.upstream.acceptedConnections() == 2)
    }
  }

  @Test
  func connectionThatDiesIsReplacedAtOnce() async throws {
    try await Loopback.run(script: { connection, event in
      guard case .data(let id, _, endStream: true) = event else { return }
      Self.answer(connection, id)
      connection.close()
    }) { loopback async throws in
      for _ in 0..<10 { #expect(try await loopback.call().end.status.isOK) }
    }
  }

  @Test
  func nobodyThereIsToldAtOnceAndSoIsTheReturn() async throws {
    try await Loopback.run(script: Self.healthy) { loopback async throws in
      #expect(try await loopback.call().end.status.isOK)
      try await loopback.upstream.kill()
      let start = ContinuousClock.now
      for _ in 0..<10 {
        let outcome = try await loopback.call()
        #expect(outcome.end.status.code == .unavailable)
      }
      #expect(try await loopback.call().end.origin == .gateway(.unreachable))
      // Far from the connect timeout, also on a machine that is busy with other tests.
      #expect(ContinuousClock.now - start < .seconds(4))
      #expect(try await loopback.onLoop { $0.state } == .failing)
      let back = try await ScriptedUpstream.start(
        on: loopback.eventLoop, port: loopback.upstream.port, script: Self.healthy)
      let returned = ContinuousClock.now
      while try await !loopback.call().end.status.isOK { try await Task.sleep(for: .milliseconds(20)) }
      #expect(ContinuousClock.now - returned < .seconds(10))
      #expect(try await loopback.onLoop { $0.state } == .ready)
      try await back.kill()
    }
  }

  @Test
  func upstreamThatIsSilentIsGivenUp() async throws {
    var options = ScriptedConnection.Options()
    options.greets = false
    var configuration = UpstreamConfiguration()
    configuration.connectTimeout = .milliseconds(100)
    try await Loopback.run(options: options, configuration: configuration, script: { _, _ in }) {
      loopback async throws in
      let outcome = try await loopback.call()
      #expect(outcome.end.origin == .gateway(.unreachable))
    }
  }

  @Test
  func upstreamThatSpeaksHTTP1IsGivenUp() async throws {
    var options = ScriptedConnection.Options()
    options.greets = false
    try await Loopback.run(
      options: options,
      script: { connection, event in
        if case .connected = event { connection.raw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) }
      }
    ) { loopback async throws in
      #expect(try await loopback.call().end.origin == .gateway(.unreachable))
    }
  }

  @Test
  func noStreamsAtAllIsOverload() async throws {
    var options = ScriptedConnection.Options()
    options.settings = [.init(.maxConcurrentStreams, 0)]
    var configuration = UpstreamConfiguration()
    configuration.maximumWait = .milliseconds(100)
    try await Loopback.run(options: options, configuration: configuration, script: { _, _ in }) {
      loopback async throws in
      #expect(try await loopback.call().end.origin == .gateway(.overloaded))
      #expect(try await loopback.upstream.acceptedConnections() <= 4)
    }
  }

  @Test
  func moreConnectionsAreMadeWhenStreamsRunOut() async throws {
    var options = ScriptedConnection.Options()
    options.settings = [.init(.maxConcurrentStreams, 1)]
    var configuration = UpstreamConfiguration()
    configuration.maximumWait = .seconds(30)
    try await Loopback.run(
      options: options, configuration: configuration,
      script: { connection, event in
        if case .data(let id, _, endStream: true) = event {
          connection.after(.milliseconds(20)) { Self.answer($0, id) }
        }
      }
    ) { loopback async throws in
      try await withThrowingTaskGroup(of: GRPCCode.self) { group in
        for _ in 0..<20 { group.addTask { try await loopback.call().end.status.code } }
        for try await code in group { #expect(code == .ok) }
      }
      #expect(try await loopback.upstream.acceptedConnections() == 4)
      try await loopback.until { $0.waitingCalls == 0 && $0.openCalls == 0 }
    }
  }

  @Test
  func waitingCallsAreBounded() async throws {
    var options = ScriptedConnection.Options()
    options.settings = [.init(.maxConcurrentStreams, 0)]
    var configuration = UpstreamConfiguration()
    configuration.maximumWaitingCalls = 3
    configuration.maximumWait = .milliseconds(300)
    try await Loopback.run(options: options, configuration: configuration, script: { _, _ in }) {
      loopback async throws in
      let running = try await withThrowingTaskGroup(of: RunningCall.self) { group in
        for _ in 0..<5 { group.addTask { try await loopback.start { _, call in call.finish() } } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      try await loopback.until { $0.waitingCalls == 3 || $0.waitingCalls == 0 }
      for call in running { #expect(try await call.outcome.get().end.origin == .gateway(.overloaded)) }
    }
  }

  @Test
  func cancelledCallIsResetAndHeardNoMore() async throws {
    let resets = NIOLockedValueBox<[ErrorCode]>([])
    try await Loopback.run(script: { connection, event in
      switch event {
      case .request(let id, _, _): connection.respond(id)
      case .frame(.resetStream(let reset)):
        resets.withLockedValue { $0.append(reset.code) }
        // An answer to a stream that has been reset harms nobody.
        connection.message(reset.streamID, [1])
        connection.trailers(reset.streamID)
      case .data(let id, _, endStream: true):
        connection.message(id, [7])
        connection.trailers(id)
      default: break
      }
    }) { loopback async throws in
      for _ in 0..<90 {
        let running = try await loopback.start { _, call in call.send(bytes: [1]) }
        _ = try await running.onLoop {
          $0.call?.cancel()
          $0.upstreamFinished(CallEnd(status: .ok, origin: .upstream))
        }
        _ = try await running.outcome.get()
      }
      #expect(try await loopback.call().messages == [[7]])
      #expect(try await loopback.onLoop { $0.openCalls } == 0)
      let codes = resets.withLockedValue { Set($0) }
      #expect(codes.isSubset(of: [.cancel]))
      #expect(try await loopback.upstream.acceptedConnections() == 1)
    }
  }

  @Test
  func silentConnectionIsFoundOut() async throws {
    var configuration = UpstreamConfiguration()
    configuration.keepAliveInterval = .milliseconds(50)
    configuration.keepAliveTimeout = .milliseconds(100)
    var options = ScriptedConnection.Options()
    options.acknowledges = false
    let pings = NIOLockedValueBox(0)
    try await Loopback.run(
      options: options, configuration: configuration,
      script: { _, event in if case .frame(.ping) = event { pings.withLockedValue { $0 += 1 } } }
    ) { loopback async throws in
      let outcome = try await loopback.call()
      #expect(outcome.end.origin == .gateway(.connectionLost))
      #expect(pings.withLockedValue { $0 } >= 1)
    }
  }

  @Test
  func answeredPingsKeepALongCallAlive() async throws {
    var configuration = UpstreamConfiguration()
    configuration.keepAliveInterval = .milliseconds(20)
    configuration.keepAliveTimeout = .seconds(5)
    try await Loopback.run(
      configuration: configuration,
      script: { connection, event in
        if case .data(let id, _, endStream: true) = event {
          connection.after(.milliseconds(300)) { Self.answer($0, id) }
        }
      }
    ) { loopback async throws in
      #expect(try await loopback.call().end.status.isOK)
    }
  }

  @Test
  func shutdownLetsOpenCallsFinish() async throws {
    try await Loopback.run(script: { connection, event in
      if case .data(let id, _, endStream: true) = event {
        connection.after(.milliseconds(100)) { Self.answer($0, id) }
      }
    }) { loopback async throws in
      _ = try await loopback.onLoop { $0.connect() }
      try await loopback.until { $0.state == .ready }
      let running = try await loopback.start { _, call in call.sendLast(bytes: [1]) }
      let done = try await loopback.eventLoop.submit { [pool = loopback.pool] in
        pool.value.shutdown(grace: .seconds(10))
      }.get()
      #expect(try await loopback.call().end.origin == .gateway(.shutdown))
      #expect(try await running.outcome.get().end.status.isOK)
      try await done.get()
      #expect(try await loopback.onLoop { $0.state } == .shutDown)
    }
  }

  @Test
  func shutdownCutsWhatOutlastsTheGrace() async throws {
    try await Loopback.run(script: { _, _ in }) { loopback async throws in
      let running = try await loopback.start { _, call in call.sendLast(bytes: [1]) }
      try await loopback.until { $0.openCalls == 1 }
      try await loopback.eventLoop.flatSubmit { [pool = loopback.pool] in
        pool.value.shutdown(grace: .milliseconds(50))
      }.get()
      #expect(try await running.outcome.get().end.origin == .gateway(.connectionLost))
    }
  }
}
