import NIOCore

/// Decides when a caller is pinged, and when it is taken for gone (RFC 6455 §5.5.2).
///
/// Any byte counts as a sign of life, not the pong alone: a large message may stand in front of it. An interval of 0
/// is no pings at all; with a timeout of 0 they may stay unanswered.
struct WebSocketLiveness {
  private let interval: TimeAmount
  private let timeout: TimeAmount
  private var nextPing: NIODeadline
  private var unansweredSince: NIODeadline?

  init(interval: TimeAmount, timeout: TimeAmount, now: NIODeadline) {
    self.interval = interval
    self.timeout = timeout
    nextPing = interval > .zero ? now + interval : .distantFuture
  }

  /// When to look again.
  var next: NIODeadline { min(nextPing, unansweredSince.map { $0 + timeout } ?? .distantFuture) }

  /// Something has come from the caller.
  mutating func heard() { unansweredSince = nil }

  enum Action: Equatable {
    case wait
    case ping
    /// The caller has been silent for too long.
    case giveUp
  }

  /// - Parameter canAnswer: whether an answer could be seen. It could not while nothing is read from the caller, or
  ///   while bytes in front of the ping wait to be taken; those have limits of their own.
  mutating func timePassed(now: NIODeadline, canAnswer: Bool) -> Action {
    guard canAnswer else {
      unansweredSince = nil
      if interval > .zero { nextPing = max(nextPing, now + interval) }
      return .wait
    }
    if let since = unansweredSince, now >= since + timeout { return .giveUp }
    guard now >= nextPing else { return .wait }
    nextPing = now + interval
    if unansweredSince == nil, timeout > .zero { unansweredSince = now }
    return .ping
  }
}
