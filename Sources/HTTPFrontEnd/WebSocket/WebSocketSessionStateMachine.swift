/// Decides what happens in one WebSocket session: a stream of text messages each way, joined to one gRPC call.
///
///     waiting ──first frame──▶ calling ──trailers │ failure │ fault──▶ closing ──Close │ timeout──▶ closed
///        └───────────failure │ fault │ drain───────────────────────────▲
///
/// `closed` is also reached from everywhere when the caller closes or is gone; the call is cancelled then. As in
/// `ExchangeStateMachine` the two directions move on their own, and a single answer waits for its trailers.
struct WebSocketSessionStateMachine: ~Copyable {
  /// What the method's rule takes from the caller.
  enum Input: Equatable, CaseIterable {
    /// Path and query hold the request: the call starts at the upgrade.
    case nothing
    /// One message: the call starts with it.
    case one
    /// A stream of messages: the call starts with the first.
    case many
  }

  private enum State {
    /// No call yet: the caller's first frame begins it. May become any other.
    case waiting
    /// The call is on. `takes`: the caller may send more. `hasMessage`: the only message of a single answer has come.
    /// May become `closing` or `closed`.
    case calling(takes: Bool, hasMessage: Bool)
    /// Our Close is on its way and the caller's awaited; whatever else it sends is dropped. May become `closed`.
    case closing
    /// Nothing is sent or awaited any more.
    case closed
  }

  private let input: Input
  private let answer: ExchangeStateMachine.Answer
  private var state: State = .waiting

  init(input: Input, answer: ExchangeStateMachine.Answer) {
    self.input = input
    self.answer = answer
  }

  /// Whether neither side has closed.
  var isOpen: Bool {
    switch state {
    case .waiting, .calling: true
    case .closing, .closed: false
    }
  }

  var isClosing: Bool {
    if case .closing = state { true } else { false }
  }

  // MARK: What the caller does

  enum UpgradeAction: Equatable {
    /// Open the call and send it what path and query hold.
    case sendBound
    case wait
  }

  /// The 101 is written.
  mutating func upgraded() -> UpgradeAction {
    switch (state, input) {
    case (.waiting, .nothing):
      state = .calling(takes: false, hasMessage: false)
      return .sendBound
    case (.waiting, .one), (.waiting, .many), (.calling, _), (.closing, _), (.closed, _):
      return .wait
    }
  }

  enum MessageAction: Equatable {
    /// One message of several; it opens the call if it is the first.
    case send
    /// The only message; it opens the call.
    case sendOnly
    /// The request is what path and query hold.
    case sendBound
    /// The caller's stream has ended.
    case finish
    /// A message where none is taken, or none any more: cancel, and tell why.
    case refuse
    case drop
  }

  /// A text message; an empty one ends the caller's stream.
  mutating func messageReceived(isEmpty: Bool) -> MessageAction {
    switch (state, input) {
    case (.waiting, .many):
      state = .calling(takes: !isEmpty, hasMessage: false)
      return isEmpty ? .finish : .send
    case (.waiting, .one), (.waiting, .nothing):
      state = .calling(takes: false, hasMessage: false)
      return isEmpty ? .sendBound : .sendOnly
    case (.calling(takes: true, let hasMessage), _):
      guard isEmpty else { return .send }
      state = .calling(takes: false, hasMessage: hasMessage)
      return .finish
    case (.calling(takes: false, _), _):
      guard !isEmpty else { return .drop }
      state = .closing
      return .refuse
    case (.closing, _), (.closed, _):
      return .drop
    }
  }

  enum CloseAction: Equatable {
    /// Cancel the call, if there is one, and answer with a Close.
    case cancelAndEcho
    /// Both have closed: the server closes the connection (RFC 6455 §7.1.1).
    case closeConnection
    case drop
  }

  /// A Close frame.
  mutating func closeReceived() -> CloseAction {
    switch state {
    case .waiting, .calling:
      state = .closed
      return .cancelAndEcho
    case .closing:
      state = .closed
      return .closeConnection
    case .closed:
      return .drop
    }
  }

  enum GoneAction: Equatable {
    case cancel
    case ignore
  }

  /// The connection is closed, or the caller taken for gone.
  mutating func downstreamClosed() -> GoneAction {
    switch state {
    case .waiting, .calling:
      state = .closed
      return .cancel
    case .closing, .closed:
      state = .closed
      return .ignore
    }
  }

  enum FaultAction: Equatable {
    /// Cancel the call and close with the fault's code; what follows it cannot be understood.
    case cancelAndClose
    /// The caller's answer to our Close cannot be understood.
    case closeConnection
    case drop
  }

  /// A frame that RFC 6455 forbids.
  mutating func faulted() -> FaultAction {
    switch state {
    case .waiting, .calling:
      state = .closing
      return .cancelAndClose
    case .closing:
      state = .closed
      return .closeConnection
    case .closed:
      return .drop
    }
  }

  // MARK: What the gateway does

  enum FailureAction: Equatable {
    /// Cancel the call, send the error, close with its code.
    case cancelAndTell
    case ignore
  }

  /// The gateway gives the call up: bad JSON, a deadline, an answer that cannot be shown.
  mutating func failed() -> FailureAction {
    switch state {
    case .waiting, .calling:
      state = .closing
      return .cancelAndTell
    case .closing, .closed:
      return .ignore
    }
  }

  enum LeaveAction: Equatable {
    /// Cancel the call, if there is one, and close with 1001.
    case goAway
    case stay
  }

  /// The gateway stops: a session without a call goes now. `isOver`: so does one with a call, its grace is over.
  mutating func drained(isOver: Bool) -> LeaveAction {
    switch state {
    case .calling where !isOver:
      return .stay
    case .waiting, .calling:
      state = .closing
      return .goAway
    case .closing, .closed:
      return .stay
    }
  }

  // MARK: What the upstream does

  enum AnswerAction: Equatable {
    /// Keep it: the trailers decide whether it is the answer.
    case hold
    case forward
    /// A second message for a call that has one: cancel, and tell INTERNAL.
    case failTooManyMessages
    case drop
  }

  mutating func answerReceived() -> AnswerAction {
    switch (state, answer) {
    case (.calling, .stream):
      return .forward
    case (.calling(let takes, hasMessage: false), .single):
      state = .calling(takes: takes, hasMessage: true)
      return .hold
    case (.calling(_, hasMessage: true), .single):
      state = .closing
      return .failTooManyMessages
    case (.waiting, _), (.closing, _), (.closed, _):
      return .drop
    }
  }

  enum EndAction: Equatable {
    /// Send the message that was held, then close with 1000.
    case answerAndClose
    case close
    /// The status is OK but no message came: tell INTERNAL.
    case failNoMessage
    /// Tell the error that the end carries.
    case fail
    case ignore
  }

  /// The call is over, with status OK or another.
  mutating func upstreamFinished(isOK: Bool) -> EndAction {
    switch (state, answer) {
    case (.calling(_, let hasMessage), .single):
      state = .closing
      guard isOK else { return .fail }
      return hasMessage ? .answerAndClose : .failNoMessage
    case (.calling, .stream):
      state = .closing
      return isOK ? .close : .fail
    case (.waiting, _), (.closing, _), (.closed, _):
      return .ignore
    }
  }
}
