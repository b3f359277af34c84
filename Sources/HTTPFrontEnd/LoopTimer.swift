public import NIOCore

/// Drives a `DeadlineQueue` with one scheduled task of an event loop.
///
/// The task is only ever moved forward: when the earliest deadline is disarmed the task still fires,
/// finds nothing due, and is scheduled anew for what is then the earliest.
public final class LoopTimer {
  private let eventLoop: any EventLoop
  private var queue = DeadlineQueue()
  private var scheduled: Scheduled<Void>?
  private var scheduledFor: NIODeadline = .distantFuture

  public init(eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  public func arm(_ entry: DeadlineQueue.Entry, of owner: any DeadlineOwner, at deadline: NIODeadline) {
    eventLoop.assertInEventLoop()
    queue.arm(entry, of: owner, at: deadline)
    if deadline < scheduledFor { schedule(at: deadline) }
  }

  public func disarm(_ entry: DeadlineQueue.Entry) {
    eventLoop.assertInEventLoop()
    queue.disarm(entry)
  }

  private func schedule(at deadline: NIODeadline) {
    scheduled?.cancel()
    scheduledFor = deadline
    scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.fired() }
  }

  private func fired() {
    scheduled = nil
    scheduledFor = .distantFuture
    let now = NIODeadline.now()
    while let due = queue.popDue(at: now) {
      due.owner?.deadlineReached(now: now)
    }
    if let earliest = queue.earliest, earliest < scheduledFor { schedule(at: earliest) }
  }
}
