/// Decides how many connections a listener takes: accepting pauses at the limit and goes on as connections close.
///
/// What is not accepted waits in the kernel's backlog, where it costs no file descriptor of this process.
struct AcceptStateMachine: ~Copyable {
  let maximumConnections: Int
  private(set) var open = 0
  private(set) var pauses = 0
  private var isHolding = false

  init(maximumConnections: Int) { self.maximumConnections = max(1, maximumConnections) }

  enum ReadAction: Equatable {
    /// Accept so many at once at most.
    case accept(atMost: Int)
    case hold
  }

  /// The channel wants to accept.
  mutating func readRequested() -> ReadAction {
    guard open < maximumConnections else {
      if !isHolding { pauses += 1 }
      isHolding = true
      return .hold
    }
    return .accept(atMost: maximumConnections - open)
  }

  mutating func connectionAccepted() { open += 1 }

  enum CloseAction: Equatable {
    case none
    /// Accepting was paused and goes on.
    case resume
  }

  mutating func connectionClosed() -> CloseAction {
    open -= 1
    guard isHolding else { return .none }
    isHolding = false
    return .resume
  }
}
