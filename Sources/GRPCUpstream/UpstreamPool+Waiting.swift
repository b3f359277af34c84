internal import GRPCWire
internal import HTTP2
internal import NIOCore

/// Calls without a stream: finding one, waiting for one, trying again.
extension UpstreamPool {
  /// Finds a stream for a call, or lets it wait, or fails it.
  func place(_ call: UpstreamCall) {
    guard !isShutDown else {
      endLater(call, .failure(.shutdown, .unavailable, "the gateway is shutting down"))
      return
    }
    // Those who wait come first.
    if waiting.isEmpty, start(call) { return }
    let now = eventLoop.now
    guard !connections.isEmpty || attempt != nil || reconnect.allowsAttemptUnderDemand(at: now) else {
      endLater(call, Self.unreachable)
      return
    }
    guard waiting.count < configuration.maximumWaitingCalls else {
      endLater(call, Self.overloaded)
      return
    }
    // An attempt ends by itself and takes its calls with it; a connected upstream has to have a stream soon.
    call.waitsUntil = now + (connections.isEmpty ? configuration.connectTimeout : configuration.maximumWait)
    waiting.append(call)
    scheduleWaitTimer(at: call.waitsUntil)
    startAttemptIfNeeded()
  }

  private func start(_ call: UpstreamCall) -> Bool {
    for connection in connections where connection.freeStreams > 0 {
      if connection.start(call) { return true }
    }
    return false
  }

  /// Gives streams that have become free to those who wait, the longest-waiting first.
  func placeWaiting() {
    guard !waiting.isEmpty else { return }
    var placed = 0
    while placed < waiting.count, start(waiting[placed]) { placed += 1 }
    waiting.removeFirst(placed)
    if waiting.isEmpty {
      waitTimer?.cancel()
      waitTimer = nil
    } else {
      startAttemptIfNeeded()
    }
  }

  /// A waiting call was cancelled.
  func forget(_ call: UpstreamCall) {
    waiting.removeAll { $0 === call }
  }

  func callUnprocessed(_ call: UpstreamCall, orEndWith end: CallEnd) {
    guard call.mayBeRetried, !isShutDown else {
      call.end(end)
      return
    }
    call.retrying()
    // Not from within the event that took its stream: the connections have to learn of that first.
    eventLoop.assumeIsolated().execute { [self] in
      if !call.isEnded { place(call) }
    }
  }

  func failWaiting(_ end: CallEnd) {
    let calls = waiting
    waiting.removeAll()
    waitTimer?.cancel()
    waitTimer = nil
    for call in calls { call.end(end) }
  }

  private func endLater(_ call: UpstreamCall, _ end: CallEnd) {
    eventLoop.assumeIsolated().execute { call.end(end) }
  }

  func scheduleWaitTimer(at deadline: NIODeadline) {
    guard waitTimer == nil else { return }
    waitTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.waitElapsed() }
  }

  private func waitElapsed() {
    waitTimer = nil
    let now = eventLoop.now
    let late = waiting.filter { $0.waitsUntil <= now }
    waiting.removeAll { $0.waitsUntil <= now }
    if let next = waiting.lazy.map(\.waitsUntil).min() { scheduleWaitTimer(at: next) }
    let end = connections.isEmpty ? Self.unreachable : Self.overloaded
    for call in late { call.end(end) }
  }

  static var unreachable: CallEnd { .failure(.unreachable, .unavailable, "the upstream cannot be reached") }
  static var overloaded: CallEnd { .failure(.overloaded, .unavailable, "the upstream takes no more calls now") }
}
