public import NIOCore

/// The deadlines of a connection and of the exchange that is on.
extension DownstreamConnectionHandler: DeadlineOwner {
  /// Makes sure that `deadlineReached` is called by then at the latest; calls in between are harmless.
  func wake(at deadline: NIODeadline) {
    if !timer.isArmed || deadline < timer.deadline { worker.timer.arm(timer, of: self, at: deadline) }
  }

  public func deadlineReached(now: NIODeadline) {
    guard let context else { return }
    let waiting = waitingBytes
    if let until = lingersUntil {
      guard waiting > 0 else { return now < until ? wake(at: until) : close() }
      // The time to read on begins when all is written.
      lingersUntil = now + worker.configuration.maximumLingeringTime
    }
    var next =
      exchange?.timePassed(now: now, waiting: waiting) ?? session?.timePassed(now: now, waiting: waiting)
      ?? lingersUntil ?? .distantFuture
    let untaken = waiting > 0 ? waiting + SendQueue.length(of: context.channel) : 0
    if let stalledAt = writeStall.deadline(waiting: untaken, now: now, limit: writeStallLimit) {
      guard now < stalledAt else {
        worker.metrics.writeStalls += 1
        exchange?.downstreamClosed()
        exchange = nil
        session?.downstreamClosed()
        return close()
      }
      // Whoever still takes an answer is not idle.
      if machine.isIdle, headClock.idleSince != nil { headClock.exchangeEnded(at: now) }
      next = min(next, stalledAt)
    } else if machine.isIdle {
      guard now < drainsBy else { return close() }
      next = min(next, drainsBy)
      let (deadline, expiry) = headClock.deadline(
        headerTimeout: worker.configuration.headerTimeout, keepAliveTimeout: worker.configuration.keepAliveTimeout)
      guard now < deadline else { return headTimeReached(expiry) }
      next = min(next, deadline)
    }
    if exchange == nil, machine.isReceivingRequest {
      // The answer is out; the rest of the request has to come as a body has to.
      guard now < answeredAt + worker.configuration.bodyIdleTimeout else { return close() }
      next = min(next, answeredAt + worker.configuration.bodyIdleTimeout)
    }
    flushIfNeeded()
    if next < .distantFuture { wake(at: max(next, now + .milliseconds(1))) }
  }

  private var writeStallLimit: TimeAmount {
    exchange?.isStreaming ?? (session != nil)
      ? worker.configuration.streamIdleTimeout : worker.configuration.writeStallTimeout
  }

  /// 1 s: how late a stall of the caller may be noticed.
  static let firstLookAtWaitingBytes: TimeAmount = .seconds(1)

  private func headTimeReached(_ expiry: RequestHeadClock.Expiry) {
    // An answer would wait for a handshake that does not come.
    guard transport != .handshaking else { return close() }
    switch expiry {
    case .close: close()
    case .answerTimeout: refuse(RequestHeadFault(status: 408, message: "no complete request head in time"))
    }
  }

  /// Bytes have come, and no head: its time runs from here.
  func partialHeadReceived() {
    let now = NIODeadline.now()
    if headClock.partialHeadReceived(at: now) { wake(at: now + worker.configuration.headerTimeout) }
  }
}
