/// Keeps the tokens of `RetryThrottling`, so that a failing upstream does not get its load several times over.
struct RetryThrottle: Equatable {
  let throttling: RetryThrottling
  /// Thousandths.
  private var tokens: Int

  init(_ throttling: RetryThrottling) {
    self.throttling = throttling
    tokens = throttling.maximumTokens * 1000
  }

  /// A call succeeded.
  mutating func succeeded() {
    tokens = min(tokens + throttling.tokenRatioThousandths, throttling.maximumTokens * 1000)
  }

  /// An attempt failed in a way that would be retried, or with the server's word that it must not be.
  mutating func failed() {
    tokens = max(tokens - 1000, 0)
  }

  /// Whether a retry may be made.
  var allowsRetry: Bool { tokens * 2 > throttling.maximumTokens * 1000 }
}
