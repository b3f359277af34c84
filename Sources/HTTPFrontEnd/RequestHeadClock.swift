import NIOCore

/// Says until when a connection between two exchanges may stay as it is.
///
/// The time for a head is absolute: it runs from the connection's start, or on a kept connection from the head's
/// first byte, and no further byte of the head moves it. A handler that resets a timer with each byte is no defence
/// against a caller that sends one every few seconds.
struct RequestHeadClock: Equatable {
  private enum Phase: Equatable {
    /// Nothing has been asked on this connection yet.
    case first(since: NIODeadline)
    /// Between exchanges, with no byte of a further request.
    case idle(since: NIODeadline)
    /// A part of a head has come.
    case partial(since: NIODeadline)
  }

  /// What becomes of the connection when its time is over.
  enum Expiry: Equatable {
    /// The caller owes a head: it is told so.
    case answerTimeout
    /// The caller has just kept the connection: it is closed without a word.
    case close
  }

  private var phase: Phase

  init(opened now: NIODeadline) { phase = .first(since: now) }

  /// Since when nothing happens; for connections that are drained.
  var idleSince: NIODeadline? {
    if case .idle(let since) = phase { since } else { nil }
  }

  /// Bytes have come that make no whole head.
  ///
  /// - Returns: true when they are the first of it, so that a new deadline holds.
  mutating func partialHeadReceived(at now: NIODeadline) -> Bool {
    guard case .idle = phase else { return false }
    phase = .partial(since: now)
    return true
  }

  /// An exchange is over, or bytes of its answer were taken just now.
  mutating func exchangeEnded(at now: NIODeadline) { phase = .idle(since: now) }

  func deadline(headerTimeout: TimeAmount, keepAliveTimeout: TimeAmount) -> (at: NIODeadline, then: Expiry) {
    switch phase {
    case .first(let since), .partial(let since): (since + headerTimeout, .answerTimeout)
    case .idle(let since): (since + keepAliveTimeout, .close)
    }
  }
}
