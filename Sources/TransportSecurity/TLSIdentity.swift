internal import Foundation
public import NIOSSL

/// Names the files of a certificate chain and of the key that belongs to it.
public struct TLSIdentity: Sendable, Equatable {
  /// The certificate first, then the intermediate ones.
  public var certificate: String
  public var key: String

  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// What a server is that shows the certificate.
  public func serverConfiguration() throws(TransportSecurityFault) -> TLSConfiguration {
    let (chain, key) = try read()
    return .makeServerConfiguration(certificateChain: chain, privateKey: key)
  }

  /// Has a client show the certificate.
  public func load(into configuration: inout TLSConfiguration) throws(TransportSecurityFault) {
    (configuration.certificateChain, configuration.privateKey) = try read()
  }

  private func read() throws(TransportSecurityFault) -> (
    chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource
  ) {
    let chain = try PEMFile.certificates(certificate)
    let key = try PEMFile.key(key)
    // Judged here, since a certificate that has expired is valid PEM and would fail at every peer.
    if let leaf = chain.first {
      let now = time(nil)
      if leaf.notValidAfter < now {
        throw TransportSecurityFault("\(certificate) has expired (\(UTCTime.text(leaf.notValidAfter)))")
      }
      if leaf.notValidBefore > now {
        throw TransportSecurityFault("\(certificate) is not valid before \(UTCTime.text(leaf.notValidBefore))")
      }
    }
    return (chain.map { .certificate($0) }, .privateKey(key))
  }

  /// Makes a context of a configuration that has both.
  public func makeContext(_ configuration: TLSConfiguration) throws(TransportSecurityFault) -> NIOSSLContext {
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch NIOSSLError.failedToLoadPrivateKey {
      throw TransportSecurityFault("\(key) is not the key of the certificate in \(certificate)")
    } catch {
      throw TransportSecurityFault("\(certificate) and \(key) cannot be used: \(TLSErrorText.reason(error))")
    }
  }
}

/// Seconds since 1970 as RFC 3339.
enum UTCTime {
  static func text(_ seconds: time_t) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }
}
