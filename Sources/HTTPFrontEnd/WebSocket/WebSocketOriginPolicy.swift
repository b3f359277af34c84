/// Judges whether the page that opens a session may (RFC 6455 §10.2).
///
/// A browser lets any page open a WebSocket to anywhere and sends its visitor's cookies along; the `Origin` it adds is
/// the only sign of whose page it is. Callers that are no browser send none and are not asked for one.
struct WebSocketOriginPolicy: Sendable {
  let allowed: [String]
  /// The connection has TLS here. Without, it may have it at a proxy before the gateway, and cannot tell.
  var isSecure = false

  func allows(_ origin: String, host: String) -> Bool {
    if allowed.contains(where: { $0 == "*" || $0.equalsIgnoringCase(origin) }) { return true }
    guard let (authority, defaultPort) = Self.authority(of: origin) else { return false }
    // A page that came over cleartext may have been anybody's: it is another origin (RFC 6454 §5).
    guard !isSecure || defaultPort == Self.securePort else { return false }
    return Self.withoutPort(authority, defaultPort).equalsIgnoringCase(Self.withoutPort(Substring(host), defaultPort))
  }

  /// RFC 6454 §7: `scheme "://" host [ ":" port ]`, or `null`.
  private static func authority(of origin: String) -> (authority: Substring, defaultPort: String)? {
    for (scheme, port) in [("http://", ":80"), ("https://", securePort)] {
      if origin.count > scheme.count, origin.prefix(scheme.count).equalsIgnoringCase(scheme) {
        return (origin.dropFirst(scheme.count), port)
      }
    }
    return nil
  }

  private static let securePort = ":443"

  private static func withoutPort(_ authority: Substring, _ port: String) -> Substring {
    authority.hasSuffix(port) ? authority.dropLast(port.count) : authority
  }
}
