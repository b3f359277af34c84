import NIOCore
import NIOPosix
import Testing

@testable import WireTap

/// The proxy over real sockets.
struct TapProxyTests {
  @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 100_000, 3_000_000])
  func bytesPassUnchangedBothWaysAndSoDoesTheirEnd(_ count: Int) async throws {
    let round = try await ProxyBench.round(ProxyBench.pattern(count))
    #expect(round.answer == ProxyBench.pattern(count))
    #expect(round.totals.connections == 1)
    #expect(round.totals.up == count)
    #expect(round.totals.down == count)
  }

  @Test(.timeLimit(.minutes(1))) func delayHoldsEachDirection() async throws {
    let round = try await ProxyBench.round(ProxyBench.pattern(1000)) { $0.delay = .milliseconds(60) }
    #expect(round.answer == ProxyBench.pattern(1000))
    #expect(round.elapsed >= .milliseconds(120))
  }

  @Test(.timeLimit(.minutes(1))) func rateIsKept() async throws {
    // A tenth of a second's worth goes at once, 40,000 at 200,000 a second.
    let round = try await ProxyBench.round(ProxyBench.pattern(60_000)) { $0.upRate = 200_000 }
    #expect(round.answer == ProxyBench.pattern(60_000))
    #expect(round.elapsed >= .milliseconds(190))
  }

  @Test(.timeLimit(.minutes(1))) func remoteThatIsNotThereClosesTheClient() async throws {
    let round = try await ProxyBench.round(ProxyBench.pattern(10)) { $0.remotePort = 1 }
    #expect(round.answer.readableBytes == 0)
  }

  @Test(.timeLimit(.minutes(1))) func portInUseIsSaid() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    let port = server.localAddress?.port ?? 0
    await #expect(throws: TapFailure.self) {
      _ = try await ProxyBench.round(ByteBuffer()) { $0.listenPort = port }
    }
    try await server.close().get()
  }
}

struct TrafficShaperTests {
  private static let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

  @Test func bytesWaitForTheirDelayAndKeepTheirOrder() {
    var shaper = TrafficShaper(delay: .milliseconds(10), rate: 0)
    shaper.append(ByteBuffer(string: "a"), at: Self.start)
    shaper.append(ByteBuffer(string: "b"), at: Self.start + .milliseconds(5))
    #expect(shaper.next(at: Self.start) == .wait(until: Self.start + .milliseconds(10)))
    #expect(shaper.next(at: Self.start + .milliseconds(10)) == .bytes(ByteBuffer(string: "a")))
    #expect(shaper.next(at: Self.start + .milliseconds(10)) == .wait(until: Self.start + .milliseconds(15)))
    #expect(shaper.next(at: Self.start + .milliseconds(15)) == .bytes(ByteBuffer(string: "b")))
    #expect(shaper.next(at: Self.start + .milliseconds(15)) == .none)
    #expect(shaper.waitingBytes == 0)
  }

  @Test(arguments: [1, 7, 1000, 1_000_000])
  func rateIsKeptWhateverItIs(_ rate: Int) {
    var shaper = TrafficShaper(delay: .zero, rate: rate)
    let count = rate * 3
    shaper.append(ByteBuffer(repeating: 1, count: count), at: Self.start)
    var now = Self.start
    var passed = 0
    while passed < count {
      switch shaper.next(at: now) {
      case .bytes(let bytes): passed += bytes.readableBytes
      case .wait(let until):
        #expect(until > now)
        now = until
      case .none: Issue.record("bytes are lost")
      }
    }
    let seconds = Double((now - Self.start).nanoseconds) / 1e9
    #expect(seconds > 1.5 && seconds < 3.5)
  }
}
