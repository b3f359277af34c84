internal import NIOCore
internal import NIOSSL
public import TransportSecurity

/// How an upstream is spoken to over TLS: whom it has to be, and who the gateway says it is.
///
/// Copies share the context, so that a reload reaches every connection that is made from then on. Two are equal when they
/// were told the same, whatever their files say by now.
public struct UpstreamTransportSecurity: Sendable, Equatable {
  public struct Settings: Sendable, Equatable {
    /// The authorities whose certificates hold; the system's when nil.
    public var authorities: String?
    /// The gateway's own certificate, for upstreams that ask for one.
    public var identity: TLSIdentity?
    /// The name that the certificate has to hold, and that is sent as SNI; the upstream's host when nil. A certificate
    /// that holds the address of the socket does as well (swift-nio-ssl's rule, RFC 6125 section 1.7.2 leaves it open).
    public var serverName: String?
    /// Takes every certificate, of whomever: for trying things out.
    public var skipsVerification = false
    public var floor = TLSFloor.tls12

    public init() {}
  }

  public let settings: Settings
  private let context: ReloadableTLSContext

  public init(_ settings: Settings) {
    self.settings = settings
    context = ReloadableTLSContext { () throws(TransportSecurityFault) in try Self.makeContext(settings) }
  }

  public static func == (one: Self, other: Self) -> Bool { one.settings == other.settings }

  /// Reads the files, if that has not been done. It blocks: done once before connections are made, so that none has to.
  public func load() throws(TransportSecurityFault) { _ = try context.current() }

  /// Reads the files anew, for connections from the commit on.
  public func prepareReload() throws(TransportSecurityFault) -> ReloadableTLSContext.Prepared {
    try context.prepare()
  }

  private static func makeContext(_ settings: Settings) throws(TransportSecurityFault) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = settings.floor.version
    // RFC 9113 section 3.2: HTTP/2 over TLS is agreed by ALPN.
    configuration.applicationProtocols = [UpstreamHandshakeHandler.protocolName]
    if let authorities = settings.authorities {
      configuration.trustRoots = .certificates(try PEMFile.certificates(authorities))
    }
    if settings.skipsVerification { configuration.certificateVerification = .none }
    configuration.shutdownTimeout = shutdownTimeout
    guard let identity = settings.identity else { return try context(of: configuration) }
    try identity.load(into: &configuration)
    return try identity.makeContext(configuration)
  }

  /// 1 s: whatever an upstream still sends by then, no call waits for it.
  private static let shutdownTimeout: TimeAmount = .seconds(1)

  private static func context(of configuration: TLSConfiguration) throws(TransportSecurityFault) -> NIOSSLContext {
    try TLSErrorText.faulting("TLS to the upstream cannot be set up") {
      try NIOSSLContext(configuration: configuration)
    }
  }

  /// Puts TLS next to the socket of a channel that is about to connect.
  ///
  /// - Parameter failed: hears why there is no connection, for a log.
  func addHandlers(to channel: any Channel, target: UpstreamTarget, failed: @escaping (String) -> Void) throws {
    let name = settings.serverName ?? target.verifiedHost
    // An address is no server name (RFC 6066 section 3); the certificate has to hold that of the socket then.
    let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
    try channel.pipeline.syncOperations.addHandlers([
      NIOSSLClientHandler(context: context.current(), serverHostname: isAddress ? nil : name),
      UpstreamHandshakeHandler(failed: failed),
    ])
  }
}

extension UpstreamTarget {
  /// Whom the certificate has to name: who was asked for, where the host is but what that name was resolved to.
  var verifiedHost: String {
    guard let authority else { return host }
    // `host:port`, `[address]:port` or a host alone.
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" })
  }
}
