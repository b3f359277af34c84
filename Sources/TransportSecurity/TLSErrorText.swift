internal import Foundation
public import NIOSSL

/// Says in words for a log why TLS failed.
public enum TLSErrorText {
  /// - Parameter peer: the certificate that the peer has shown, if it came to that.
  public static func reason(_ error: any Error, peer: NIOSSLCertificate? = nil) -> String {
    switch error {
    case let fault as TransportSecurityFault: return fault.description
    case NIOSSLError.handshakeFailed(let error): return "the TLS handshake failed: \(reason(error, peer: peer))"
    case NIOSSLError.uncleanShutdown: return "the connection was closed without TLS's goodbye"
    case NIOSSLError.unableToValidateCertificate: return untrusted(peer)
    case NIOSSLError.noCertificateToValidate: return "the peer has shown no certificate"
    case let error as NIOSSLExtraError where error == .failedToValidateHostname: return wrongName(error, peer)
    case let error as NIOSSLExtraError: return "\(error)"
    case let error as BoringSSLError: return reason(error, peer: peer)
    default: return "\(error)"
    }
  }

  private static func reason(_ error: BoringSSLError, peer: NIOSSLCertificate?) -> String {
    guard case .sslError(let stack) = error, let first = stack.first else { return "\(error)" }
    let words = words(of: first)
    switch words {
    case "certificate verify failed": return untrusted(peer)
    case "wrong version number", "http request": return "the peer does not speak TLS (\(words))"
    default: return words
    }
  }

  /// `error:1000042e:SSL routines:OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION at file:1` as
  /// `tlsv1 alert protocol version`.
  private static func words(of error: BoringSSLInternalError) -> String {
    let text = error.description
    guard let marker = text.range(of: "OPENSSL_internal:") else {
      return text.replacing("Error:", with: "").trimmingCharacters(in: .whitespaces)
    }
    return text[marker.upperBound...].prefix { $0 != " " }.lowercased().replacing("_", with: " ")
  }

  private static func untrusted(_ peer: NIOSSLCertificate?) -> String {
    guard let peer else { return "the peer's certificate cannot be verified" }
    let now = time(nil)
    if peer.notValidAfter < now { return "the peer's certificate has expired (\(UTCTime.text(peer.notValidAfter)))" }
    if peer.notValidBefore > now {
      return "the peer's certificate is not valid before \(UTCTime.text(peer.notValidBefore))"
    }
    return "the peer's certificate comes from no authority that is trusted"
  }

  private static func wrongName(_ error: NIOSSLExtraError, _ peer: NIOSSLCertificate?) -> String {
    let detail = error.description.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? "\(error)"
    return "the peer's certificate is for another name: \(detail)"
  }
}

extension TLSErrorText {
  /// Runs `body`, whose errors become a fault that begins with `what`.
  public static func faulting<Value>(
    _ what: String, _ body: () throws -> Value
  ) throws(TransportSecurityFault) -> Value {
    do {
      return try body()
    } catch {
      throw TransportSecurityFault("\(what): \(reason(error))")
    }
  }
}
