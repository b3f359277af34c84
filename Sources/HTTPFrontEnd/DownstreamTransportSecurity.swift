internal import NIOCore
public import NIOSSL
public import TransportSecurity

/// How callers are spoken to over TLS: by which certificate, and what is asked of theirs.
public struct DownstreamTransportSecurity: Sendable, Equatable {
  /// Whether callers show a certificate.
  public enum ClientCertificate: String, Sendable, CaseIterable {
    /// None is asked for.
    case none
    /// One that is shown has to hold; showing none is fine.
    case optional
    /// Without one that holds there is no connection.
    case required
  }

  public var identity: TLSIdentity
  /// The authorities whose client certificates hold.
  public var clientAuthorities: String?
  public var clientCertificate: ClientCertificate
  public var floor: TLSFloor

  public init(
    identity: TLSIdentity, clientAuthorities: String? = nil, clientCertificate: ClientCertificate = .none,
    floor: TLSFloor = .tls12
  ) {
    self.identity = identity
    self.clientAuthorities = clientAuthorities
    self.clientCertificate = clientCertificate
    self.floor = floor
  }

  /// Reads the files. It blocks, so not on an event loop.
  public func makeContext() throws(TransportSecurityFault) -> NIOSSLContext {
    var configuration = try identity.serverConfiguration()
    configuration.minimumTLSVersion = floor.version
    // RFC 7301: the one protocol that is spoken here.
    configuration.applicationProtocols = ["http/1.1"]
    configuration.shutdownTimeout = Self.shutdownTimeout
    if let clientAuthorities {
      configuration.trustRoots = .certificates(try PEMFile.certificates(clientAuthorities))
      // RFC 8446 section 4.2.4: callers with several certificates can tell which is meant.
      configuration.sendCANameList = true
    }
    switch clientCertificate {
    case .none: configuration.certificateVerification = .none
    case .optional: configuration.certificateVerification = .optionalVerification
    // A client's certificate names nobody whose name could be compared.
    case .required: configuration.certificateVerification = .noHostnameVerification
    }
    return try identity.makeContext(configuration)
  }

  /// 1 s for the caller's own goodbye: what was sent is in the kernel's hands, so that nothing is lost without it.
  private static let shutdownTimeout: TimeAmount = .seconds(1)
}
