internal import GRPCWire
internal import NIOCore

/// A failed attempt, and the next one, as the policy of the call's route says.
extension UpstreamCall {
  /// An attempt has ended.
  ///
  /// - Returns: true when the call goes on with another attempt, so that it does not end with this one's.
  func isRetried(insteadOf end: CallEnd) -> Bool {
    guard !end.status.isOK else {
      resources.throttle?.succeeded()
      return false
    }
    // What is kept no more was too long, or is being answered already.
    guard mayBeMadeAgain, end.isFaultOfAttempt else { return false }
    let action = retry?.attemptFailed(
      end.status.code, RetryPushback(end.trailers), throttle: &resources.throttle, at: resources.eventLoop.now,
      random: .random(in: 0..<1))
    switch action {
    case .end, nil: return false
    case .endThrottled:
      resources.counters.retriesThrottled += 1
      return false
    case .retry(let delay):
      resources.counters.policyRetries += 1
      beginAnew()
      retryTimer = resources.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in attemptAgain() }
      return true
    }
  }

  private func attemptAgain() {
    retryTimer = nil
    guard !isEnded else { return }
    let now = resources.eventLoop.now
    retry?.attemptBegun()
    definition = resources.definition(
      timeLeft: retry?.timeLeft(at: now), previousAttempts: retry?.previousAttempts ?? 0)
    if let upstream = upstream ?? pool?.upstream {
      upstream.place(self, avoiding: pool)
    } else {
      pool?.place(self)
    }
  }
}

extension CallEnd {
  /// Whether it says something of the attempt: not that the gateway itself takes or carries no more.
  fileprivate var isFaultOfAttempt: Bool {
    switch origin {
    case .upstream: true
    case .gateway(let failure):
      switch failure {
      case .unreachable, .connectionLost, .reset, .badResponse: true
      case .overloaded, .messageTooLarge, .shutdown: false
      }
    }
  }
}
