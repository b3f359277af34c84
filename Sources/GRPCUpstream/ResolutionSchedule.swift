internal import NIOCore

/// Says when a name is to be resolved next; time and randomness are arguments.
///
/// Lost connections ask for it, but no more often than the minimum interval lets them; while nothing is lost it is
/// done at the interval. A resolution that fails is repeated as connections are, with a delay that grows.
struct ResolutionSchedule: Equatable {
  private let interval: TimeAmount
  private let minimumInterval: TimeAmount
  private var backoff: ReconnectBackoff
  /// Not before it may there be another one.
  private var notBefore: NIODeadline?

  init(_ configuration: BalancingConfiguration, backoff: ReconnectBackoff.Configuration) {
    interval = configuration.resolveInterval
    minimumInterval = configuration.minimumResolveInterval
    self.backoff = ReconnectBackoff(backoff)
  }

  /// Addresses were found.
  ///
  /// - Returns: when the next resolution is due, if nothing asks for one before; nil for never.
  mutating func succeeded(at now: NIODeadline) -> NIODeadline? {
    backoff.reset()
    notBefore = now + minimumInterval
    return interval > .zero ? now + max(interval, minimumInterval) : nil
  }

  /// Nobody could say, or there were none.
  ///
  /// - Returns: when the next resolution is due.
  mutating func failed(at now: NIODeadline, random: Double) -> NIODeadline {
    let next = now + backoff.nextDelay(random: random)
    notBefore = next
    return next
  }

  /// A connection was lost, or could not be made.
  ///
  /// - Returns: when the name may be resolved.
  func wanted(at now: NIODeadline) -> NIODeadline {
    notBefore.map { max($0, now) } ?? now
  }
}
