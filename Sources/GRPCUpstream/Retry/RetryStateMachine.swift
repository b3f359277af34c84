internal import GRPCWire
internal import NIOCore

/// Decides for one call whether a failed attempt is followed by another; time and randomness are arguments.
///
/// Whether anything of an answer was passed on already is the caller's to know: then nothing is asked here.
struct RetryStateMachine {
  private enum State {
    /// The attempt with this number, from 1 on, is under way. -> waiting, over
    case attempting(Int)
    /// The next attempt, which has this number, is made after its delay. -> attempting
    case waiting(Int)
    /// The call ends with what the last attempt ended with.
    case over
  }

  let policy: RetryPolicy
  private let deadline: NIODeadline?
  private var state = State.attempting(1)
  /// Retries since the server last said when it wants one.
  private var retriesByBackoff = 0

  /// - Parameter deadline: when the call is over in any case.
  init(_ policy: RetryPolicy, deadline: NIODeadline?) {
    self.policy = policy
    self.deadline = deadline
  }

  /// Attempts before the one under way, as `grpc-previous-rpc-attempts` says it.
  var previousAttempts: Int {
    switch state {
    case .attempting(let number), .waiting(let number): number - 1
    case .over: 0
    }
  }

  enum Action: Equatable {
    case end
    /// The failures of all calls together allow no retry.
    case endThrottled
    case retry(after: TimeAmount)
  }

  /// An attempt ended with a status other than OK, before anything of an answer was there.
  mutating func attemptFailed(
    _ code: GRPCCode, _ pushback: RetryPushback, throttle: inout RetryThrottle?, at now: NIODeadline, random: Double
  ) -> Action {
    guard case .attempting(let number) = state else { return .end }
    state = .over
    if pushback == .never {
      throttle?.failed()
      return .end
    }
    guard policy.retryableCodes.contains(code) else { return .end }
    throttle?.failed()
    guard number < policy.maximumAttempts else { return .end }
    guard throttle?.allowsRetry ?? true else { return .endThrottled }
    let delay: TimeAmount
    if case .after(let asked) = pushback {
      retriesByBackoff = 0
      delay = asked
    } else {
      retriesByBackoff += 1
      delay = policy.delay(beforeRetry: retriesByBackoff, random: random)
    }
    // A retry that could not be answered in time any more helps nobody.
    if let deadline, now + delay >= deadline { return .end }
    state = .waiting(number + 1)
    return .retry(after: delay)
  }

  /// The delay is over.
  mutating func attemptBegun() {
    guard case .waiting(let number) = state else { return }
    state = .attempting(number)
  }

  /// What is left of the call's time; nil when it has no end.
  func timeLeft(at now: NIODeadline) -> TimeAmount? {
    deadline.map { max($0 - now, .nanoseconds(0)) }
  }
}
