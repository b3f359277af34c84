public import NIOCore

/// What a tapping proxy is started with.
public struct TapProxyConfiguration: Sendable {
  /// TLS towards the remote, 1.2 at least; the client still speaks cleartext.
  public struct TLS: Sendable {
    /// A PEM file with the roots to trust instead of the system's.
    public var rootCertificates: String?
    /// What the certificate has to be for; the remote's host when nil.
    public var serverName: String?
    /// Any certificate will do.
    public var isInsecure = false

    public init() {}
  }

  public var listenHost = "localhost"
  /// 0 lets the system choose.
  public var listenPort = 0
  public var remoteHost: String
  public var remotePort: Int
  public var proto = TapProtocol.grpc
  /// Added to each direction.
  public var delay = TimeAmount.zero
  /// Octets a second from the client, and from the server; 0: no limit.
  public var upRate = 0
  public var downRate = 0
  public var tls: TLS?
  /// Tells round-trip times and retransmissions when a connection ends.
  public var hasStatistics = false
  /// 10 s, and the client is let go: most clients wait no longer.
  public var connectTimeout = TimeAmount.seconds(10)

  public init(remoteHost: String, remotePort: Int) {
    self.remoteHost = remoteHost
    self.remotePort = remotePort
  }
}

/// Why a proxy cannot be started, or a schema not be had.
public struct TapFailure: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
