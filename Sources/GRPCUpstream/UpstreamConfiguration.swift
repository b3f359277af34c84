public import GRPCWire
public import HTTP2
public import NIOCore

/// Holds the limits and times of one upstream; each default says why it is what it is.
public struct UpstreamConfiguration: Sendable {
  /// TCP and TLS and the upstream's SETTINGS have to be there by then.
  public var connectTimeout: TimeAmount = .seconds(5)
  /// How long a call may wait for a stream of a connected upstream: overload has to answer soon.
  public var maximumWait: TimeAmount = .seconds(1)
  /// Calls that may wait for a connection or a stream; past it a call fails at once.
  public var maximumWaitingCalls = 1024
  /// Connections to the address; more than one only when the streams of the first are used up.
  public var maximumConnections = 4
  public var backoff = ReconnectBackoff.Configuration()
  /// Several addresses: finding them, choosing among them, letting them rest.
  public var balancing = BalancingConfiguration()
  /// A PING goes out after so long without a byte while calls are open.
  public var keepAliveInterval: TimeAmount = .seconds(60)
  /// The connection is dropped when the PING's answer, or any byte, is not there by then.
  public var keepAliveTimeout: TimeAmount = .seconds(20)
  /// One message, before and after inflating: gRPC's own default.
  public var maximumMessageBytes = 4 * 1024 * 1024
  /// How request messages are compressed. Off: between neighbours bandwidth is cheaper than time, and a server that
  /// does not know the encoding refuses the call.
  public var requestEncoding = MessageEncoding.identity
  /// A call is no longer writable when so many bytes wait for the upstream's window.
  public var writeHighWatermark = 64 * 1024
  /// And is again when they have sunk to this.
  public var writeLowWatermark = 32 * 1024
  /// Sent bytes kept for a transparent retry, until the upstream answers. A call that has sent more is not retried.
  public var maximumReplayBytes = 64 * 1024
  public var http2 = ConnectionLimits()
  /// TLS, with what it needs; cleartext when nil.
  public var security: UpstreamTransportSecurity?
  /// `:scheme` of the calls over an upstream without `security`.
  public var scheme = "http"
  /// Hears why an attempt to connect failed, in words for a log, whenever they are others than the time before.
  public var connectFailed: (@Sendable (UpstreamTarget, String) -> Void)?
  /// Adds handlers between the socket, or TLS, and HTTP/2 to a channel, such as one that shows what goes over it.
  public var prepareChannel: (@Sendable (any Channel) throws -> Void)?
  public var userAgent = "grpc-json-gateway/1.0"

  public init() {}
}
