import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Asks one URL once, for health checks.
public struct HealthProbe: Sendable {
  private let address: SocketAddressText
  private let path: String
  private let isSecure: Bool

  public init(url: String) throws(GatewayFailure) {
    isSecure = url.hasPrefix("https://")
    guard isSecure || url.hasPrefix("http://") else { throw GatewayFailure("\(url) is no http or https URL") }
    let rest = url.dropFirst(isSecure ? 8 : 7)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let authority = String(rest[..<slash])
    let withPort =
      authority.last == "]" || !authority.contains(":") ? authority + (isSecure ? ":443" : ":80") : authority
    guard let address = SocketAddressText(withPort) else { throw GatewayFailure("\(url) names no host and port") }
    self.address = address
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
  }

  /// Any certificate will do, as for Kubernetes' probes: what is asked is whether somebody answers, by an address that
  /// the certificate rarely holds.
  private static func tls() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    return try NIOSSLContext(configuration: configuration)
  }

  /// The status of the answer.
  public func status(within limit: Duration) async throws -> Int {
    let timeout = TimeAmount(limit)
    let tls = try isSecure ? Self.tls() : nil
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: Int.self)
    let deadline = loop.scheduleTask(in: timeout) { promise.fail(GatewayFailure("no answer in time")) }
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
    head.headers = ["Host": "\(address)", "Connection": "close"]
    let request = head
    ClientBootstrap(group: loop)
      .connectTimeout(timeout)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil))
          }
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(StatusReader(promise))
        }
      }
      .connect(host: address.host, port: address.port)
      .whenComplete { result in
        switch result {
        case .success(let channel):
          channel.write(HTTPClientRequestPart.head(request), promise: nil)
          channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
          promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        case .failure(let error):
          promise.fail(GatewayFailure("cannot reach \(address): \(ListenError.reason(error))"))
        }
      }
    defer { deadline.cancel() }
    return try await promise.futureResult.get()
  }
}

private final class StatusReader: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let promise: EventLoopPromise<Int>

  init(_ promise: EventLoopPromise<Int>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) { promise.succeed(Int(head.status.code)) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(GatewayFailure("the connection was closed without an answer"))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(GatewayFailure("the answer cannot be read: \(error)"))
    context.close(promise: nil)
  }
}
