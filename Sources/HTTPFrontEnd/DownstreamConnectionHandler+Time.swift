public import NIOCore

/// The deadlines of a connection and of the exchange that is on.
extension DownstreamConnectionHandler: DeadlineOwner {
  /// Makes sure that `deadlineReached` is called by then at the latest; calls in between are harmless.
  func wake(at deadline: NIODeadline) {
    if !timer.isArmed || deadline < timer.deadline { worker.timer.arm(timer, at: deadline) }
  }

  public func deadlineReached(now: NIODeadline) {
    guard let context else { return }
    if let until = lingersUntil {
      return now < until ? wake(at: until) : close()
    }
    var next = exchange?.timePassed(now: now) ?? .distantFuture
    let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    if let stalledAt = writeStall.deadline(waiting: waiting, now: now, limit: writeStallLimit) {
      guard now < stalledAt else {
        exchange?.downstreamClosed()
        exchange = nil
        return close()
      }
      // Whoever still takes an answer is not idle.
      idleSince = now
      next = min(next, stalledAt)
    } else if machine.isIdle {
      let limit = isFirstRequest ? worker.configuration.headerTimeout : worker.configuration.keepAliveTimeout
      guard now < idleSince + limit else { return idleTimeReached() }
      next = min(next, idleSince + limit)
    }
    if exchange == nil, machine.isReceivingRequest {
      // The answer is out; the rest of the request has to come as a body has to.
      guard now < idleSince + worker.configuration.bodyIdleTimeout else { return close() }
      next = min(next, idleSince + worker.configuration.bodyIdleTimeout)
    }
    flushIfNeeded()
    if next < .distantFuture { wake(at: max(next, now + .milliseconds(1))) }
  }

  private var writeStallLimit: TimeAmount {
    exchange?.isStreaming ?? false ? worker.configuration.streamIdleTimeout : worker.configuration.writeStallTimeout
  }

  private func idleTimeReached() {
    guard isFirstRequest else { return close() }
    refuse(RequestHeadFault(status: 408, message: "no complete request head in time"))
  }
}
