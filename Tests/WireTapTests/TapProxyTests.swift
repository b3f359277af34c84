import GRPCWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import WireTap

/// The proxy over real sockets.
struct TapProxyTests {
  /// Sends back what it gets, and closes its side when the other has closed its own.
  private final class Echo: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard let event = event as? ChannelEvent, event == .inputClosed else { return }
      let written = context.eventLoop.makePromise(of: Void.self)
      context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
      let channel = context.channel
      written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }
  }

  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let bytes = NIOLockedValueBox(ByteBuffer())

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let piece = unwrapInboundIn(data)
      bytes.withLockedValue { _ = $0.writeImmutableBuffer(piece) }
    }
  }

  private struct Round {
    var answer: ByteBuffer
    var totals: Tap.Totals
    var elapsed: Duration
  }

  /// The bytes there and back through a proxy.
  private static func round(
    _ bytes: ByteBuffer, _ configure: (inout TapProxyConfiguration) -> Void = { _ in }
  ) async throws -> Round {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { $0.pipeline.addHandler(Echo()) }
      .bind(host: "127.0.0.1", port: 0).get()
    let null = open("/dev/null", O_WRONLY)
    defer { close(null) }
    let tap = Tap(options: TapOptions(), schema: try SchemaSource.empty(), descriptor: null)
    var configuration = TapProxyConfiguration(remoteHost: "127.0.0.1", remotePort: server.localAddress?.port ?? 0)
    configuration.listenHost = "127.0.0.1"
    configure(&configuration)
    let proxy = try TapProxy(configuration: configuration, tap: tap)
    let port = try await proxy.start()
    let collector = Collector()
    let began = ContinuousClock.now
    let client = try await ClientBootstrap(group: group)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { $0.pipeline.addHandler(collector) }
      .connect(host: "127.0.0.1", port: port).get()
    // The proxy may have closed before, where it is to.
    try? await client.writeAndFlush(bytes)
    try? await client.close(mode: .output).get()
    try? await client.closeFuture.get()
    let elapsed = ContinuousClock.now - began
    await proxy.stop()
    tap.finish(within: 5)
    try await server.close().get()
    return Round(answer: collector.bytes.withLockedValue { $0 }, totals: tap.totals, elapsed: elapsed)
  }

  private static func pattern(_ count: Int) -> ByteBuffer {
    ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
  }

  @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 100_000, 3_000_000])
  func bytesPassUnchangedBothWaysAndSoDoesTheirEnd(_ count: Int) async throws {
    let round = try await Self.round(Self.pattern(count))
    #expect(round.answer == Self.pattern(count))
    #expect(round.totals.connections == 1)
    #expect(round.totals.up == count)
    #expect(round.totals.down == count)
  }

  @Test(.timeLimit(.minutes(1))) func delayHoldsEachDirection() async throws {
    let round = try await Self.round(Self.pattern(1000)) { $0.delay = .milliseconds(60) }
    #expect(round.answer == Self.pattern(1000))
    #expect(round.elapsed >= .milliseconds(120))
  }

  @Test(.timeLimit(.minutes(1))) func rateIsKept() async throws {
    // A tenth of a second's worth goes at once, 40,000 at 200,000 a second.
    let round = try await Self.round(Self.pattern(60_000)) { $0.upRate = 200_000 }
    #expect(round.answer == Self.pattern(60_000))
    #expect(round.elapsed >= .milliseconds(190))
  }

  @Test(.timeLimit(.minutes(1))) func remoteThatIsNotThereClosesTheClient() async throws {
    let round = try await Self.round(Self.pattern(10)) { $0.remotePort = 1 }
    #expect(round.answer.readableBytes == 0)
  }

  @Test(.timeLimit(.minutes(1))) func portInUseIsSaid() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    let port = server.localAddress?.port ?? 0
    await #expect(throws: TapFailure.self) {
      _ = try await Self.round(ByteBuffer()) { $0.listenPort = port }
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
