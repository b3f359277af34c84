/// Keeps the order of one HTTP/1.1 connection: one exchange at a time, what is pipelined waits, and the
/// connection lives on only when both halves of the exchange ended cleanly.
///
/// RFC 9112 §9.3: persistence and pipelining; §9.6: a server that closes while the caller still sends
/// has to linger, else the reset that the kernel sends destroys the answer on its way.
struct DownstreamConnectionStateMachine: ~Copyable {
  private enum State {
    /// Between exchanges; a request head may begin the next.
    case idle
    /// An exchange is on. `request`: its body is still arriving. `response`: its answer is not all written.
    case active(request: Bool, response: Bool, keepAlive: Bool)
    /// The connection speaks another protocol from here on, and serves no further exchange.
    case upgraded
    /// The answer is out and the output closed; what the caller still sends is thrown away.
    case lingering
    case closed
  }

  private var state: State = .idle

  /// Whether a further request part may be handed on now; if not, it waits in line.
  var acceptsNextRequest: Bool {
    if case .idle = state { true } else { false }
  }

  var isIdle: Bool { acceptsNextRequest }

  /// Whether the request of the exchange that is on is still arriving.
  var isReceivingRequest: Bool {
    if case .active(request: true, _, _) = state { true } else { false }
  }

  var isLingering: Bool {
    if case .lingering = state { true } else { false }
  }

  /// Whether the connection may serve another exchange after this one, as far as is known now.
  var keepsAlive: Bool {
    switch state {
    case .idle: true
    case .active(_, _, let keepAlive): keepAlive
    case .upgraded, .lingering, .closed: false
    }
  }

  enum HeadAction: Equatable {
    case begin
    /// The connection is closing, or the decoder handed on a request out of turn.
    case drop
  }

  mutating func requestHeadReceived(keepAlive: Bool) -> HeadAction {
    switch state {
    case .idle:
      state = .active(request: true, response: true, keepAlive: keepAlive)
      return .begin
    case .active, .upgraded, .lingering, .closed:
      return .drop
    }
  }

  enum DoneAction: Equatable {
    /// The other half is still on.
    case wait
    /// The next request may begin.
    case next
    /// Nothing more is expected from the caller: close.
    case close
    /// The caller is still sending: close the output, read on for a bounded while, then close.
    case linger
  }

  /// The request's last byte has come.
  mutating func requestEnded() -> DoneAction {
    switch state {
    case .active(_, response: true, let keepAlive):
      state = .active(request: false, response: true, keepAlive: keepAlive)
      return .wait
    case .active(_, response: false, keepAlive: true):
      state = .idle
      return .next
    case .active(_, response: false, keepAlive: false), .lingering:
      state = .closed
      return .close
    case .idle, .upgraded, .closed:
      return .wait
    }
  }

  /// A request for another protocol has ended and is taken up. `false`: there was none.
  mutating func upgraded() -> Bool {
    switch state {
    case .active(_, response: true, _):
      state = .upgraded
      return true
    case .active(_, response: false, _), .idle, .upgraded, .lingering, .closed:
      return false
    }
  }

  /// The connection will not be used again after this exchange.
  mutating func keepAliveForbidden() {
    switch state {
    case .active(let request, let response, _):
      state = .active(request: request, response: response, keepAlive: false)
    case .idle, .upgraded, .lingering, .closed:
      break
    }
  }

  /// The answer's last byte has been written. `remainderIsShort`: what is left of the request is known
  /// to be little enough to be read and thrown away for the connection's sake.
  mutating func responseEnded(remainderIsShort: Bool) -> DoneAction {
    switch state {
    case .active(request: false, _, keepAlive: true):
      state = .idle
      return .next
    case .active(request: false, _, keepAlive: false):
      state = .closed
      return .close
    case .active(request: true, _, keepAlive: true) where remainderIsShort:
      state = .active(request: true, response: false, keepAlive: true)
      return .wait
    case .active(request: true, _, _):
      state = .lingering
      return .linger
    case .idle, .upgraded, .lingering, .closed:
      return .wait
    }
  }

  /// The answer was cut off on purpose: there is no clean way on.
  mutating func responseBroken() -> DoneAction {
    switch state {
    case .active(request: true, _, _):
      state = .lingering
      return .linger
    case .active(request: false, _, _), .idle, .upgraded:
      state = .closed
      return .close
    case .lingering, .closed:
      return .wait
    }
  }

  mutating func connectionClosed() {
    state = .closed
  }
}
