internal import NIOCore

/// Says when the next attempt to connect may be made; time and randomness are arguments.
///
/// The first attempt after a connection that did its work is made at once: a server that closes idle connections or
/// says GOAWAY is mostly there. A connection that ends without having done anything counts as a failed attempt, or a
/// server that accepts and closes would be called without pause; but for the first time, which may be chance.
struct ReconnectSchedule: Equatable {
  private let minimumUnderDemand: TimeAmount
  private var backoff: ReconnectBackoff
  private var isFirstReconnect = true
  private var notBefore: NIODeadline?
  private var lastFailure: NIODeadline?

  /// The last attempt failed.
  var hasFailed: Bool { lastFailure != nil }

  init(_ configuration: ReconnectBackoff.Configuration) {
    backoff = ReconnectBackoff(configuration)
    minimumUnderDemand = configuration.minimumUnderDemand
  }

  /// An attempt failed.
  ///
  /// - Returns: the delay until the next.
  mutating func attemptFailed(at now: NIODeadline, random: Double) -> TimeAmount {
    let delay = backoff.nextDelay(random: random)
    lastFailure = now
    notBefore = now + delay
    return delay
  }

  /// An attempt succeeded.
  mutating func connected() {
    lastFailure = nil
    notBefore = nil
  }

  /// A connection ended, or takes no more calls.
  ///
  /// - Parameter wasOfUse: it answered a call, or lasted.
  /// - Returns: the delay until the next attempt.
  mutating func connectionEnded(wasOfUse: Bool, at now: NIODeadline, random: Double) -> TimeAmount {
    if wasOfUse {
      backoff.reset()
      isFirstReconnect = true
    }
    guard isFirstReconnect else { return attemptFailed(at: now, random: random) }
    isFirstReconnect = false
    return .zero
  }

  /// A call is there that needs a connection.
  func allowsAttemptUnderDemand(at now: NIODeadline) -> Bool {
    guard let notBefore, let lastFailure else { return true }
    return now >= min(notBefore, lastFailure + minimumUnderDemand)
  }
}
