public import NIOCore
internal import NIOTLS

/// What a connection over TLS has beside one without.
extension DownstreamConnectionHandler {
  /// How the caller is spoken to.
  public enum Transport: Sendable, Equatable {
    case cleartext
    /// TLS, whose handshake is on. The deadline of the first head holds for it too. -> secure
    case handshaking
    case secure

    /// As `X-Forwarded-Proto` says it.
    var scheme: String { self == .cleartext ? "http" : "https" }
  }

  public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event, transport == .handshaking {
      transport = .secure
      worker.metrics.tlsHandshakes += 1
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// Counts a handshake that has come to nothing, whatever ended it.
  func countFailedHandshake() {
    if transport == .handshaking { worker.metrics.tlsHandshakesFailed += 1 }
  }
}
