internal import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import TransportSecurity

/// Keeps HTTP/2 waiting until TLS is there and HTTP/2 is what the upstream has chosen.
///
/// Under TLS 1.3 an upstream that does not like the gateway's certificate says so behind the handshake; errors are
/// therefore told for as long as the connection lasts.
final class UpstreamHandshakeHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// RFC 9113 section 3.2.
  static let protocolName = "h2"

  private enum Phase {
    /// HTTP/2 does not know yet that there is a socket. -> done, refused
    case handshaking
    case done
    /// The reason is told; what comes of the end is no news.
    case refused
  }

  private var phase = Phase.handshaking
  private let failed: (String) -> Void

  init(failed: @escaping (String) -> Void) { self.failed = failed }

  func channelActive(context: ChannelHandlerContext) {
    // Passed on when the handshake is complete.
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted(let chosen) = event, case .handshaking = phase else {
      return context.fireUserInboundEventTriggered(event)
    }
    guard chosen == Self.protocolName else {
      let instead = chosen.map { "chose \"\($0)\"" } ?? "chose nothing"
      refuse("the upstream does not speak HTTP/2 over TLS: of h2, by ALPN, it \(instead)")
      context.close(promise: nil)
      return
    }
    phase = .done
    context.fireChannelActive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let peer = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    refuse(TLSErrorText.reason(error, peer: peer ?? nil))
    context.fireErrorCaught(error)
  }

  private func refuse(_ reason: String) {
    if case .refused = phase { return }
    phase = .refused
    failed(reason)
  }
}
