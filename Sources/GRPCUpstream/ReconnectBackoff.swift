public import NIOCore

/// Says how long to wait before the next attempt to connect, by gRPC's `connection-backoff.md` with smaller numbers.
///
/// Time and randomness are arguments.
public struct ReconnectBackoff: Sendable, Equatable {
  public struct Configuration: Sendable, Equatable {
    public var initial: TimeAmount = .seconds(1)
    public var multiplier = 1.6
    /// The share by which a delay may differ, so that gateways do not all come back at once.
    public var jitter = 0.2
    public var maximum: TimeAmount = .seconds(20)
    /// A call may bring the next attempt forward to so long after the last one, so that an upstream that is back is
    /// found within two seconds when there is traffic for it.
    public var minimumUnderDemand: TimeAmount = .seconds(1)

    public init() {}
  }

  private let configuration: Configuration
  private var current: Double

  public init(_ configuration: Configuration = Configuration()) {
    self.configuration = configuration
    self.current = Double(configuration.initial.nanoseconds)
  }

  /// The delay after one more failed attempt.
  ///
  /// - Parameter random: from 0 up to 1.
  public mutating func nextDelay(random: Double) -> TimeAmount {
    let factor = 1 + configuration.jitter * (2 * random - 1)
    let delay = current * factor
    current = min(current * configuration.multiplier, Double(configuration.maximum.nanoseconds))
    return .nanoseconds(Int64(min(delay, Double(configuration.maximum.nanoseconds))))
  }

  /// Begins anew after a connection has been made.
  public mutating func reset() {
    current = Double(configuration.initial.nanoseconds)
  }
}
