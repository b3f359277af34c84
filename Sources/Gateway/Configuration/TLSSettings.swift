public import GRPCUpstream
public import HTTPFrontEnd
public import TransportSecurity

/// The settings of TLS towards callers, as they are written.
public struct TLSSettings: Sendable {
  public var certificate: String?
  public var key: String?
  public var clientAuthorities: String?
  public var clientCertificate: DownstreamTransportSecurity.ClientCertificate?
  public var floor = TLSFloor.tls12

  /// `nil` where TLS is off. Whoever names authorities for client certificates and says nothing else wants them.
  var security: DownstreamTransportSecurity? {
    guard let certificate, let key else { return nil }
    return DownstreamTransportSecurity(
      identity: TLSIdentity(certificate: certificate, key: key), clientAuthorities: clientAuthorities,
      clientCertificate: clientCertificate ?? (clientAuthorities == nil ? .none : .required), floor: floor)
  }

  var faults: [String] {
    var faults: [String] = []
    if (certificate == nil) != (key == nil) { faults.append("tls_certificate and tls_key go together") }
    if certificate == nil, clientAuthorities != nil { faults.append("client_ca goes with tls_certificate") }
    if let clientCertificate, clientCertificate != .none, clientAuthorities == nil {
      faults.append("client_certificate \(clientCertificate.rawValue) needs client_ca")
    }
    return faults
  }
}

extension GatewayConfiguration {
  /// Speaks TLS to the upstream, where the settings say so.
  public mutating func secureUpstream(by settings: UpstreamTLSSettings) {
    upstreamLimits.security = settings.security
  }
}

/// The settings of TLS to the upstream, as they are written.
public struct UpstreamTLSSettings: Sendable {
  public var isOn = false
  public var authorities: String?
  public var certificate: String?
  public var key: String?
  public var serverName: String?
  public var skipsVerification = false

  public init() {}

  /// `nil` where TLS is off.
  public var security: UpstreamTransportSecurity? {
    guard isOn else { return nil }
    var settings = UpstreamTransportSecurity.Settings()
    settings.authorities = authorities
    settings.serverName = serverName
    settings.skipsVerification = skipsVerification
    if let certificate, let key { settings.identity = TLSIdentity(certificate: certificate, key: key) }
    return UpstreamTransportSecurity(settings)
  }

  var faults: [String] {
    var faults: [String] = []
    if (certificate == nil) != (key == nil) { faults.append("upstream_certificate and upstream_key go together") }
    let isNamed = authorities != nil || certificate != nil || serverName != nil || skipsVerification
    if isNamed, !isOn {
      faults.append(
        "upstream_ca, upstream_certificate, upstream_server_name and upstream_insecure go with upstream_tls")
    }
    return faults
  }
}
