import GRPCUpstream
internal import ProtobufSchema
import TransportSecurity
internal import Yams

/// TLS of one upstream of the list: what the section `upstream_tls` says for all, without the prefix of its names.
///
///     tls:                          # {} for the system's authorities and the upstream's host
///       ca: stock-ca.pem
///       certificate: gateway.pem    # with key
///       key: gateway.key
///       server_name: stock.internal
///       insecure: true
extension SettingsReader {
  private static let securityKeys = ["ca", "certificate", "key", "server_name", "insecure"]

  mutating func upstreamSecurity(
    _ node: Node, file: String, folder: String, place: String
  ) -> UpstreamTransportSecurity? {
    guard let mapping = node.mapping else {
      fail("\(place): tls of an upstream is not a mapping; {} is TLS with the system's authorities")
      return nil
    }
    var settings = UpstreamTLSSettings()
    settings.isOn = true
    let before = faults.count
    for (keyNode, value) in mapping {
      let place = "\(file):\(Self.line(of: keyNode))"
      let key = keyNode.scalar?.string ?? ""
      guard Self.securityKeys.contains(key) else {
        fail("\(place): tls of an upstream has no \(key)" + Self.hint(Self.nearestSecurityKey(to: key)))
        continue
      }
      guard let text = value.scalar?.string, !text.isEmpty else {
        fail("\(place): \(key) in tls of an upstream has no value")
        continue
      }
      switch key {
      case "ca": settings.authorities = Self.path(text, in: folder)
      case "certificate": settings.certificate = Self.path(text, in: folder)
      case "key": settings.key = Self.path(text, in: folder)
      case "server_name": settings.serverName = text
      default: settings.skipsVerification = parsed(.flag, text, key, place) ?? false
      }
    }
    guard faults.count == before else { return nil }
    guard (settings.certificate == nil) == (settings.key == nil) else {
      fail("\(place): certificate and key in tls of an upstream go together")
      return nil
    }
    return settings.security
  }

  /// The prefix is what whoever comes from the section writes.
  private static func nearestSecurityKey(to key: String) -> String? {
    let prefix = "upstream_"
    let name = key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : key
    return securityKeys.contains(name) ? name : NearMiss.nearest(to: name, among: securityKeys)
  }

  static func yaml(of security: UpstreamTransportSecurity.Settings, quoted: (String) -> String) -> [String] {
    let texts = [
      ("ca", security.authorities), ("certificate", security.identity?.certificate), ("key", security.identity?.key),
      ("server_name", security.serverName), ("insecure", security.skipsVerification ? "true" : nil),
    ]
    let lines = texts.compactMap { key, text in text.map { "      \(key): \(quoted($0))" } }
    return lines.isEmpty ? ["    tls: {}"] : ["    tls:"] + lines
  }

  static func originOfTLS(_ upstream: String) -> String { "\(upstreamsKey).\(upstream).tls" }

  /// What is wrong with the certificates and keys that are named, a line each, with the place that names them.
  public var certificateFaults: [String] {
    guard let configuration = settings.configuration else { return [] }
    return Certificates(configuration).faults.map { fault in
      let key =
        switch fault.owner {
        case .downstream: "tls.tls_certificate"
        case .upstreams: "upstream_tls.upstream_tls"
        case .upstream(let name): Self.originOfTLS(name)
        }
      return (origins[key].map { "\($0): " } ?? "") + fault.description
    }
  }
}
