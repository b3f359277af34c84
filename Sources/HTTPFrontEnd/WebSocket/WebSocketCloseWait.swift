import NIOCore

/// Decides how long the caller's half of the closing handshake is awaited (RFC 6455 §7.1.1).
///
/// Whoever still takes what was written before our Close has its time: the wait begins anew while bytes are left. That
/// they are taken at all has a limit of its own (`FrontEndConfiguration.streamIdleTimeout`).
struct WebSocketCloseWait {
  private var timeout: TimeAmount = .zero
  /// When to look again.
  private(set) var deadline: NIODeadline = .distantFuture

  mutating func begin(now: NIODeadline, timeout: TimeAmount) {
    self.timeout = timeout
    deadline = now + timeout
  }

  enum Action: Equatable {
    case wait
    /// The caller does not close: the connection is.
    case giveUp
  }

  /// - Parameter waiting: bytes that the caller has not taken yet.
  mutating func timePassed(now: NIODeadline, waiting: Int) -> Action {
    guard waiting == 0 else {
      deadline = now + max(timeout, .milliseconds(100))
      return .wait
    }
    return now >= deadline ? .giveUp : .wait
  }
}
