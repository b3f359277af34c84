import NIOSSL

/// Says what a TLS handshake has failed of, so that whoever reads it knows what to change.
///
/// BoringSSL's errors have no names in NIOSSL's interface; they stand in their texts, and these are what is looked for.
enum TLSErrorText {
  /// - Returns: nil for what is no error of TLS.
  static func reason(_ error: any Error) -> String? {
    switch error {
    case let error as NIOSSLExtraError:
      guard error == .failedToValidateHostname else { return "TLS failed: \(error)" }
      return "the certificate is for other names: \(Self.detail(of: error))"
    case let error as NIOSSLError:
      switch error {
      case .handshakeFailed(let cause): return handshakeReason("\(cause)")
      case .unableToValidateCertificate, .noCertificateToValidate, .cannotFindPeerIP:
        return "the certificate is for other names, or there is none"
      case .uncleanShutdown: return "the connection was cut without TLS's goodbye (close_notify)"
      default: return "TLS failed: \(error)"
      }
    case let error as BoringSSLError: return handshakeReason("\(error)")
    default: return nil
    }
  }

  private static let reasons: [(name: String, reason: String)] = [
    (
      "CERTIFICATE_VERIFY_FAILED",
      "the certificate is not trusted: no root that is trusted vouches for it, or its time is over"
    ),
    ("WRONG_VERSION_NUMBER", "the other side does not speak TLS"),
    ("HTTP_REQUEST", "the other side does not speak TLS"),
    ("UNSUPPORTED_PROTOCOL", "the other side speaks no version of TLS from 1.2 on"),
    ("PROTOCOL_VERSION", "the other side speaks no version of TLS from 1.2 on"),
    ("NO_APPLICATION_PROTOCOL", "the other side does not speak HTTP/2 over TLS (ALPN h2)"),
    ("CERTIFICATE_REQUIRED", "the other side wants a certificate of the client"),
    ("EOF during handshake", "the other side closed the connection within the TLS handshake"),
  ]

  private static func handshakeReason(_ text: String) -> String {
    if let (_, reason) = reasons.first(where: { text.contains($0.name) }) { return reason }
    // "… error:1000042e:SSL routines:OPENSSL_internal:TLSV1_ALERT_… at /path/…": the name alone.
    guard let start = text.firstRange(of: "OPENSSL_internal:") else { return "TLS failed: \(text)" }
    let name = text[start.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
    return "TLS failed: \(name)"
  }

  /// What stands behind the error's own name.
  private static func detail(of error: NIOSSLExtraError) -> String {
    let text = error.description
    return text.firstRange(of: ": ").map { String(text[$0.upperBound...]) } ?? text
  }
}
