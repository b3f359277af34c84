import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// What a handshake has come to on the caller's side.
struct TLSCaller: Sendable {
  var applicationProtocol: String?
  var certificate: NIOSSLCertificate?

  /// One handshake with `localhost`, and no word more.
  static func handshake(port: Int, _ context: NIOSSLContext) async throws -> TLSCaller {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: TLSCaller.self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            NIOSSLClientHandler(context: context, serverHostname: "localhost"), HandshakeObserver(promise),
          ])
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    let result = await promise.futureResult.result
    try? await channel.close()
    return try result.get()
  }
}

extension EventLoopFuture where Value: Sendable {
  fileprivate var result: Result<Value, any Error> {
    get async {
      do { return .success(try await get()) } catch { return .failure(error) }
    }
  }
}

private final class HandshakeObserver: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let promise: EventLoopPromise<TLSCaller>

  init(_ promise: EventLoopPromise<TLSCaller>) { self.promise = promise }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted(let name) = event else { return }
    let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    promise.succeed(TLSCaller(applicationProtocol: name, certificate: certificate ?? nil))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}
