import NIOCore

/// Decides which calls go upstream now, which wait in line, and which are refused at once.
///
/// Past its capacity a server that accepts everything serves nobody in time. So a call beyond those in flight waits,
/// first come first served, but only so long that its caller is still there; what finds the line full hears so at
/// once, which costs next to nothing. A call that ends hands its place to the first in line.
struct AdmissionStateMachine: ~Copyable {
  /// The place of one call in the line.
  struct Ticket: Hashable {
    fileprivate let number: UInt64
  }

  struct Limits: Equatable {
    var maximumInFlight: Int
    var maximumWaiting: Int
    var maximumWait: TimeAmount
  }

  /// New limits hold for what arrives from now on.
  var limits: Limits
  private(set) var inFlight = 0
  private var line = CircularBuffer<(ticket: Ticket, until: NIODeadline)>()
  private var lastNumber: UInt64 = 0

  init(limits: Limits) { self.limits = limits }

  var waiting: Int { line.count }

  enum ArrivalAction: Equatable {
    case admit
    /// There is no place: the call may join the line.
    case queue
  }

  /// A call is ready to go upstream.
  mutating func callArrived() -> ArrivalAction {
    guard inFlight < limits.maximumInFlight, line.isEmpty else { return .queue }
    inFlight += 1
    return .admit
  }

  enum QueueAction: Equatable {
    case wait(Ticket, until: NIODeadline)
    case refuse
  }

  /// A call that was not admitted wants to wait.
  mutating func callQueued(at now: NIODeadline) -> QueueAction {
    guard line.count < limits.maximumWaiting else { return .refuse }
    lastNumber += 1
    let ticket = Ticket(number: lastNumber)
    let until = now + limits.maximumWait
    line.append((ticket, until))
    return .wait(ticket, until: until)
  }

  enum EndAction: Equatable {
    case none
    /// The place is this call's now.
    case admit(Ticket)
  }

  /// A call that was in flight is over.
  mutating func callEnded() -> EndAction {
    guard inFlight > 0 else {
      assertionFailure("a call ended that was not in flight")
      return .none
    }
    guard inFlight <= limits.maximumInFlight, let next = line.popFirst() else {
      inFlight -= 1
      return .none
    }
    return .admit(next.ticket)
  }

  /// A call that waited is no longer wanted.
  mutating func callLeft(_ ticket: Ticket) {
    if let index = line.firstIndex(where: { $0.ticket == ticket }) { line.remove(at: index) }
  }

  enum TimeAction: Equatable {
    case none
    /// Look again then.
    case wait(until: NIODeadline)
    /// This call has waited long enough; ask again for the next.
    case refuse(Ticket)
  }

  mutating func timePassed(now: NIODeadline) -> TimeAction {
    guard let first = line.first else { return .none }
    guard first.until <= now else { return .wait(until: first.until) }
    line.removeFirst()
    return .refuse(first.ticket)
  }
}
