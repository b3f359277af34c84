public import NIOCore

/// Says where an upstream listens and what it is called in `:authority`.
public struct UpstreamTarget: Sendable, Hashable, CustomStringConvertible {
  /// A name to be resolved, or an IP address without brackets.
  public var host: String
  public var port: Int
  /// `:authority` of the calls; `host:port` when nil.
  public var authority: String?
  /// Which of the name's addresses is meant; any of them when nil.
  public var address: SocketAddress?

  public init(host: String, port: Int, authority: String? = nil, address: SocketAddress? = nil) {
    self.host = host
    self.port = port
    self.authority = authority
    self.address = address
  }

  /// `host:port`, an IPv6 address in brackets.
  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
