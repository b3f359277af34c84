import NIOCore

/// A call that may have to wait until it is admitted.
protocol AdmissionWaiter: AnyObject {
  /// The wait is over: the call is in flight.
  func admitted()
  /// The wait was for nothing.
  func admissionRefused()
}

/// The admission of one event loop's calls: drives `AdmissionStateMachine` with the loop's timer.
///
/// Each loop has its share of the limits, so that a call is admitted without a word to other threads.
final class AdmissionLine: DeadlineOwner {
  private var machine: AdmissionStateMachine
  private let timer: LoopTimer
  private let entry = DeadlineQueue.Entry()
  private var waiters: [AdmissionStateMachine.Ticket: any AdmissionWaiter] = [:]
  /// Calls that were refused, for want of a place in the line or of time.
  private(set) var refused = 0

  init(limits: AdmissionStateMachine.Limits, timer: LoopTimer) {
    machine = AdmissionStateMachine(limits: limits)
    self.timer = timer
  }

  var inFlight: Int { machine.inFlight }
  var waiting: Int { machine.waiting }

  func setLimits(_ limits: AdmissionStateMachine.Limits) { machine.limits = limits }

  enum Decision {
    case admitted
    /// The waiter will be told, unless it leaves the line.
    case waiting(AdmissionStateMachine.Ticket)
    case refused
  }

  func admit(_ waiter: some AdmissionWaiter) -> Decision {
    switch machine.callArrived() {
    case .admit: return .admitted
    case .queue: break
    }
    switch machine.callQueued(at: .now()) {
    case .refuse:
      refused += 1
      return .refused
    case .wait(let ticket, let until):
      waiters[ticket] = waiter
      if !entry.isArmed { timer.arm(entry, of: self, at: until) }
      return .waiting(ticket)
    }
  }

  /// A place for a call that cannot wait, or `nil`.
  func admitAtOnce() -> AdmissionPlace? {
    switch machine.callArrived() {
    case .admit: return AdmissionPlace(in: self)
    case .queue:
      refused += 1
      return nil
    }
  }

  func leave(_ ticket: AdmissionStateMachine.Ticket) {
    machine.callLeft(ticket)
    waiters[ticket] = nil
  }

  /// A call that was admitted is over.
  func callEnded() {
    switch machine.callEnded() {
    case .none: break
    case .admit(let ticket): waiters.removeValue(forKey: ticket)?.admitted()
    }
  }

  func deadlineReached(now: NIODeadline) {
    while true {
      switch machine.timePassed(now: now) {
      case .none: return
      case .wait(let until):
        timer.arm(entry, of: self, at: until)
        return
      case .refuse(let ticket):
        refused += 1
        waiters.removeValue(forKey: ticket)?.admissionRefused()
      }
    }
  }
}
