import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

@testable import WireTap

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Bytes there and back through a proxy, over real sockets.
enum ProxyBench {
  struct Round {
    /// What came back over each connection.
    var answers: [ByteBuffer]
    var totals: Tap.Totals
    var elapsed: Duration
    /// What the tap has shown.
    var text: String

    /// Of the first connection.
    var answer: ByteBuffer { answers.first ?? ByteBuffer() }
  }

  /// Sends back what it gets, unless it has something of its own to say, and closes its side when the other has.
  private final class Echo: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let greeting: ByteBuffer?

    init(greeting: ByteBuffer?) { self.greeting = greeting }

    func channelActive(context: ChannelHandlerContext) {
      if let greeting { context.writeAndFlush(wrapOutboundOut(greeting), promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      if greeting == nil { context.writeAndFlush(data, promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard let event = event as? ChannelEvent, event == .inputClosed else { return }
      let written = context.eventLoop.makePromise(of: Void.self)
      context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
      let channel = context.channel
      written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }

  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let bytes = NIOLockedValueBox(ByteBuffer())

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let piece = unwrapInboundIn(data)
      bytes.withLockedValue { _ = $0.writeImmutableBuffer(piece) }
    }
  }

  /// 50 s: below the minute of the tests. Megabytes of dump are put into words, which a sanitizer makes ten times slower.
  private static let writingPatience = 50.0

  static func round(
    _ bytes: ByteBuffer, remoteTLS: NIOSSLContext? = nil,
    _ configure: (inout TapProxyConfiguration) -> Void = { _ in }
  ) async throws -> Round {
    try await rounds([bytes], remoteTLS: remoteTLS, configure)
  }

  /// One connection after the other.
  ///
  /// - Parameters:
  ///   - tls: what the remote speaks TLS by; cleartext when nil.
  ///   - greeting: what the remote says at once; when nil it says what it is told.
  static func rounds(
    _ inputs: [ByteBuffer], remoteTLS tls: NIOSSLContext? = nil, greeting: ByteBuffer? = nil,
    _ configure: (inout TapProxyConfiguration) -> Void = { _ in }
  ) async throws -> Round {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          try channel.pipeline.syncOperations.addHandler(Echo(greeting: greeting))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let shown = try ShownText()
    let tap = Tap(options: TapOptions(), schema: try SchemaSource.empty(), descriptor: shown.descriptor)
    var configuration = TapProxyConfiguration(remoteHost: "127.0.0.1", remotePort: server.localAddress?.port ?? 0)
    configuration.listenHost = "127.0.0.1"
    configure(&configuration)
    let proxy = try TapProxy(configuration: configuration, tap: tap)
    let port = try await proxy.start()
    let began = ContinuousClock.now
    var answers: [ByteBuffer] = []
    for bytes in inputs { answers.append(try await exchange(bytes, over: port)) }
    let elapsed = ContinuousClock.now - began
    await proxy.stop()
    tap.finish(within: Self.writingPatience)
    try await server.close().get()
    return Round(answers: answers, totals: tap.totals, elapsed: elapsed, text: shown.text())
  }

  private static func exchange(_ bytes: ByteBuffer, over port: Int) async throws -> ByteBuffer {
    let collector = Collector()
    let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { $0.pipeline.addHandler(collector) }
      .connect(host: "127.0.0.1", port: port).get()
    // The proxy may have closed before, where it is to.
    try? await client.writeAndFlush(bytes)
    try? await client.close(mode: .output).get()
    try? await client.closeFuture.get()
    return collector.bytes.withLockedValue { $0 }
  }

  static func pattern(_ count: Int) -> ByteBuffer {
    ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
  }
}

/// A file without a name, for a tap to write to.
private final class ShownText {
  private let file: UnsafeMutablePointer<FILE>

  init() throws {
    guard let file = tmpfile() else { throw TapFailure("no temporary file") }
    self.file = file
  }

  deinit { fclose(file) }

  var descriptor: CInt { fileno(file) }

  func text() -> String {
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    rewind(file)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return String(decoding: text, as: UTF8.self) }
      text += chunk[..<count]
    }
  }
}
