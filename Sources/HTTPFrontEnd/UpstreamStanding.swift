public import GRPCUpstream

/// How one upstream stands on one event loop.
public struct UpstreamStanding: Sendable, Hashable {
  public var name: String
  public var state: UpstreamPool.State

  public init(name: String, state: UpstreamPool.State) {
    self.name = name
    self.state = state
  }

  /// Whether calls would be answered; one that has been left alone for long enough to close its connections counts.
  public var isReady: Bool { state == .ready || state == .dormant }
}
