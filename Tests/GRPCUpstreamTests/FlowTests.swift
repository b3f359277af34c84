import GRPCUpstream
import GRPCWire
import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import ScriptedUpstream
import Testing

/// Readers and writers of different speeds.
@Suite(.timeLimit(.minutes(1)))
struct FlowTests {
  @Test(arguments: [0, 1, 60, 3000, 300_000])
  func stalledReaderStopsItsStreamAndNoOther(_ messageBytes: Int) async throws {
    let message = ScriptedConnection.framed(Array(repeating: 5, count: messageBytes))
    let count = min(2_000_000 / message.count, 60_000)
    let unsent = NIOLockedValueBox(0)
    try await Loopback.run(script: { connection, event in
      switch event {
      case .data(let id, _, endStream: true) where id == StreamID(1):
        connection.respond(id)
        connection.paced(id, Array(repeatElement(message, count: count).joined()), trailers: true)
      case .data(let id, _, endStream: true): LifecycleTests.answer(connection, id)
      default: break
      }
      unsent.withLockedValue { $0 = connection.unsentPacedBytes(StreamID(1)) }
    }) { loopback async throws in
      let running = try await loopback.start { recorder, call in
        recorder.consumes = false
        call.sendLast(bytes: [1])
      }
      // Others are served while it stalls, and it gets no more than its window and one message.
      for _ in 0..<50 { #expect(try await loopback.call().end.status.isOK) }
      let held = try await running.onLoop { $0.receivedBytes }
      #expect(held <= 256 * 1024 + messageBytes)
      #expect(unsent.withLockedValue { $0 } >= message.count * count - 2 * (256 * 1024 + message.count))
      _ = try await running.onLoop { recorder in
        recorder.consumes = true
        recorder.call?.consumed(recorder.receivedBytes, messages: .max)
      }
      let outcome = try await running.outcome.get()
      #expect(outcome.end.status.isOK)
      #expect(outcome.messages.count == count)
    }
  }

  @Test
  func overrunOfAStalledStreamResetsOnlyIt() async throws {
    try await Loopback.run(script: { connection, event in
      switch event {
      case .data(let id, _, endStream: true) where id == StreamID(1):
        connection.respond(id)
        for _ in 0..<20 { connection.message(id, Array(repeating: 1, count: 16_000)) }
      case .data(let id, _, endStream: true): LifecycleTests.answer(connection, id)
      default: break
      }
    }) { loopback async throws in
      let running = try await loopback.start { recorder, call in
        recorder.consumes = false
        call.sendLast(bytes: [1])
      }
      #expect(try await running.outcome.get().end.origin == .gateway(.badResponse))
      #expect(try await loopback.call().end.status.isOK)
      #expect(try await loopback.upstream.acceptedConnections() == 1)
    }
  }

  @Test
  func inflatedMessagesAreHeldBackToo() async throws {
    // 100 messages of 200 bytes each that inflate to 100,000.
    let compressed = try AnswerTests.gzip(Array(repeating: 7, count: 100_000))
    try await Loopback.run(script: { connection, event in
      guard case .data(let id, _, endStream: true) = event else { return }
      connection.respond(id, [("grpc-encoding", "gzip")])
      for _ in 0..<100 { connection.message(id, compressed, flag: 1) }
      connection.trailers(id)
    }) { loopback async throws in
      let running = try await loopback.start { recorder, call in
        recorder.consumes = false
        call.sendLast(bytes: [1])
      }
      try await loopback.until { $0.openCalls == 0 && $0.state == .ready }
      try await Task.sleep(for: .milliseconds(50))
      #expect(try await running.onLoop { $0.receivedBytes } <= 400_000)
      _ = try await running.onLoop { recorder in
        recorder.consumes = true
        recorder.call?.consumed(recorder.receivedBytes, messages: .max)
      }
      let outcome = try await running.outcome.get()
      #expect(outcome.messages.count == 100)
      #expect(outcome.end.status.isOK)
    }
  }

  @Test
  func zeroWindowStopsTheWriterUntilItOpens() async throws {
    var options = ScriptedConnection.Options()
    options.settings = [.init(.initialWindowSize, 0)]
    options.opensWindows = false
    let received = NIOLockedValueBox(0)
    try await Loopback.run(
      options: options,
      script: { connection, event in
        switch event {
        case .request(let id, _, _):
          connection.after(.milliseconds(50)) {
            // By SETTINGS for streams already open, then by WINDOW_UPDATE.
            $0.settings([.init(.initialWindowSize, 10_000)])
            $0.windowUpdate(.connection, 10_000_000)
            $0.windowUpdate(id, 10_000_000)
          }
        case .data(let id, let payload, let endStream):
          received.withLockedValue { $0 += payload.readableBytes }
          if endStream { LifecycleTests.answer(connection, id) }
        default: break
        }
      }
    ) { loopback async throws in
      let chunk = [UInt8](repeating: 3, count: 10_000)
      let paused = NIOLockedValueBox(0)
      let running = try await loopback.start { recorder, call in
        let sent = NIOLockedValueBox(0)
        let go: (CallRecorder) -> Void = { recorder in
          while sent.withLockedValue({ $0 }) < 200, recorder.call?.isWritable == true {
            recorder.call?.send(chunk.span.bytes)
            sent.withLockedValue { $0 += 1 }
          }
          if sent.withLockedValue({ $0 }) == 200 {
            recorder.call?.finish()
          } else {
            paused.withLockedValue { $0 += 1 }
          }
        }
        recorder.onWritable = go
        go(recorder)
      }
      #expect(try await running.outcome.get().end.status.isOK)
      #expect(paused.withLockedValue { $0 } > 0)
      #expect(received.withLockedValue { $0 } == 200 * 10_005)
    }
  }

  @Test
  func bidirectionalStreamTalksWhileItIsOpen() async throws {
    try await Loopback.run(script: { connection, event in
      switch event {
      case .request(let id, _, _): connection.respond(id)
      case .data(let id, let payload, let endStream):
        connection.data(id, Array(payload.readableBytesView))
        if endStream { connection.trailers(id) }
      default: break
      }
    }) { loopback async throws in
      let running = try await loopback.start { recorder, call in
        recorder.onMessage = { recorder, message in
          if message[0] == 50 {
            recorder.call?.finish()
          } else {
            recorder.call?.send(bytes: [message[0] + 1])
          }
        }
        call.send(bytes: [1])
      }
      let outcome = try await running.outcome.get()
      #expect(outcome.messages == (1...50).map { [$0] })
    }
  }

  @Test
  func trailersMayComeWhileTheUploadRuns() async throws {
    let resets = NIOLockedValueBox<[ErrorCode]>([])
    try await Loopback.run(script: { connection, event in
      switch event {
      case .data(let id, _, let endStream):
        if connection.notes["first"] == nil {
          connection.notes["first"] = 1
          connection.headers(
            id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "3")], endStream: true)
        } else if endStream {
          LifecycleTests.answer(connection, id)
        }
      case .frame(.resetStream(let reset)): resets.withLockedValue { $0.append(reset.code) }
      default: break
      }
    }) { loopback async throws in
      let running = try await loopback.start { _, call in call.send(bytes: [1]) }
      #expect(try await running.outcome.get().end.status.code == .invalidArgument)
      #expect(try await loopback.call().end.status.isOK)
      #expect(resets.withLockedValue { $0 } == [.noError])
    }
  }
}
