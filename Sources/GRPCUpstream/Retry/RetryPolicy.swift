public import GRPCWire
public import NIOCore

/// Says when a call that failed is made again: `retryPolicy` of gRPC's service config.
///
/// Source: https://github.com/grpc/proposal/blob/master/A6-client-retries.md
public struct RetryPolicy: Sendable, Equatable {
  /// The first one counts.
  public var maximumAttempts: Int
  public var initialBackoff: TimeAmount
  public var maximumBackoff: TimeAmount
  public var backoffMultiplier: Double
  public var retryableCodes: Set<GRPCCode>
  /// What all calls to an upstream may retry together; no bound when nil.
  public var throttling: RetryThrottling?

  /// 5: what gRFC A6 takes more for.
  public static let attemptLimit = 5

  public init(
    maximumAttempts: Int, initialBackoff: TimeAmount, maximumBackoff: TimeAmount, backoffMultiplier: Double,
    retryableCodes: Set<GRPCCode>, throttling: RetryThrottling? = nil
  ) {
    self.maximumAttempts = min(maximumAttempts, Self.attemptLimit)
    self.initialBackoff = initialBackoff
    self.maximumBackoff = maximumBackoff
    self.backoffMultiplier = backoffMultiplier
    self.retryableCodes = retryableCodes
    self.throttling = throttling
  }

  /// The delay before a retry.
  ///
  /// - Parameters:
  ///   - number: of the retry, from 1; anew from 1 after a server has said itself when it wants one.
  ///   - random: from 0 up to 1. A delay differs by a fifth at most, so that callers do not come back all at once.
  func delay(beforeRetry number: Int, random: Double) -> TimeAmount {
    var delay = Double(initialBackoff.nanoseconds)
    for _ in 1..<max(number, 1) { delay *= backoffMultiplier }
    return .nanoseconds(Int64(min(delay, Double(maximumBackoff.nanoseconds)) * (0.8 + 0.4 * random)))
  }
}

/// Bounds the retries to an upstream by its failures: `retryThrottling` of gRPC's service config.
public struct RetryThrottling: Sendable, Equatable {
  /// Every failure takes one of these; there are no retries while at most half of them are left.
  public var maximumTokens: Int
  /// What a success gives back, in thousandths of a token.
  public var tokenRatioThousandths: Int

  /// 1000: gRFC A6's own limit.
  public static let tokenLimit = 1000

  public init(maximumTokens: Int, tokenRatioThousandths: Int) {
    self.maximumTokens = maximumTokens
    self.tokenRatioThousandths = tokenRatioThousandths
  }
}
