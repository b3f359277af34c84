public import NIOCore

/// How an upstream of several addresses is chosen among.
public enum BalancingPolicy: String, Sendable, CaseIterable {
  /// One after the other.
  case roundRobin = "round_robin"
  /// The less busy of two that are drawn: an address that is slow gets less.
  case leastRequest = "least_request"
}

/// Holds the limits and times of what lies over the connections: addresses, their choice, and their rest.
public struct BalancingConfiguration: Sendable {
  public var policy = BalancingPolicy.roundRobin
  /// Addresses of one name that are used: each costs every thread a connection.
  public var maximumAddresses = UpstreamName.maximumAddresses
  /// How often a name is resolved while all goes well, since an address that is added ends no connection; zero for
  /// never. A minute: orchestrators take longer to start what the address is of.
  public var resolveInterval: TimeAmount = .seconds(60)
  /// The least time between two resolutions that lost connections ask for: what gRPC's own clients keep.
  public var minimumResolveInterval: TimeAmount = .seconds(30)
  /// Connections are closed after so long without a call; zero for never. gRPC's own default.
  public var idleTimeout: TimeAmount = .minutes(30)
  /// The service whose `grpc.health.v1` state each connection follows, the empty name being the whole server; nil to
  /// take every connection for healthy.
  public var healthService: String?

  public init() {}
}
