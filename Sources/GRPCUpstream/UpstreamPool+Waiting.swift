internal import GRPCWire
internal import HTTP2
internal import NIOCore

/// Calls without a stream: finding one, waiting for one, trying again.
extension UpstreamPool {
  /// Finds a stream for a call, or lets it wait, or fails it.
  func place(_ call: UpstreamCall) {
    guard !isShutDown else {
      endLater(call, Self.shuttingDown)
      return
    }
    call.adopted(by: self, head: head(of: call.route))
    guard !isEjected else {
      resources.counters.unreachable += 1
      endLater(call, Self.notServing)
      return
    }
    // Those who wait come first.
    if waiting.isEmpty, start(call) { return }
    let now = eventLoop.now
    guard !connections.isEmpty || attempt != nil || reconnect.allowsAttemptUnderDemand(at: now) else {
      resources.counters.unreachable += 1
      endLater(call, Self.unreachable)
      return
    }
    guard waiting.count < configuration.maximumWaitingCalls else {
      resources.counters.overloaded += 1
      endLater(call, Self.overloaded)
      return
    }
    // An attempt ends by itself and takes its calls with it; a connected upstream has to have a stream soon.
    call.waitsUntil = now + (connections.isEmpty ? configuration.connectTimeout : configuration.maximumWait)
    waiting.append(call)
    scheduleWaitTimer(at: call.waitsUntil)
    startAttemptIfNeeded()
  }

  /// Connected: a call that is given to it starts now or waits for a stream.
  var canServe: Bool {
    guard followsHealth else { return !connections.isEmpty }
    for connection in connections where connection.isServing { return true }
    return false
  }

  /// Connected, and every connection says that it does not serve.
  var isEjected: Bool {
    followsHealth && !connections.isEmpty && connections.allSatisfy { $0.health == .notServing }
  }

  /// It serves, or may soon.
  var isHopeful: Bool {
    attempt != nil || connections.contains { $0.health != .notServing }
  }

  /// Whether a call would start at once.
  var hasFreeStream: Bool {
    for connection in connections where connection.isServing && connection.freeStreams > 0 { return true }
    return false
  }

  private func start(_ call: UpstreamCall) -> Bool {
    for connection in connections where connection.isServing && connection.freeStreams > 0 {
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
    guard call.mayBeRetried, !(upstream?.isShutDown ?? isShutDown) else {
      call.end(end)
      return
    }
    resources.counters.transparentRetries += 1
    call.retrying()
    // Not from within the event that took its stream: the connections have to learn of that first.
    eventLoop.assumeIsolated().execute { [self] in
      guard !call.isEnded else { return }
      if let upstream { upstream.place(call, avoiding: self) } else { place(call) }
    }
  }

  /// No connection is there and none is under way: those who wait go to another address, or fail.
  func giveUpWaiting(_ end: CallEnd) {
    let calls = takeWaiting()
    guard !calls.isEmpty else { return }
    if let upstream, upstream.isBalancing {
      for call in calls { upstream.place(call, avoiding: self) }
    } else {
      resources.counters.unreachable += calls.count
      for call in calls { call.end(end) }
    }
  }

  func takeWaiting() -> [UpstreamCall] {
    let calls = waiting
    waiting.removeAll()
    waitTimer?.cancel()
    waitTimer = nil
    return calls
  }

  private func endLater(_ call: UpstreamCall, _ end: CallEnd) {
    eventLoop.assumeIsolated().execute { call.end(end) }
  }

  func scheduleWaitTimer(at deadline: NIODeadline) {
    guard waitTimer == nil else { return }
    waitTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in waitElapsed() }
  }

  private func waitElapsed() {
    waitTimer = nil
    let now = eventLoop.now
    let late = waiting.filter { $0.waitsUntil <= now }
    waiting.removeAll { $0.waitsUntil <= now }
    if let next = waiting.lazy.map(\.waitsUntil).min() { scheduleWaitTimer(at: next) }
    if connections.isEmpty {
      resources.counters.unreachable += late.count
      for call in late { call.end(Self.unreachable) }
    } else {
      resources.counters.overloaded += late.count
      for call in late { call.end(Self.overloaded) }
    }
  }

  static var shuttingDown: CallEnd { .failure(.shutdown, .unavailable, "the gateway is shutting down") }
  static var unreachable: CallEnd { .failure(.unreachable, .unavailable, "the upstream cannot be reached") }
  static var notServing: CallEnd { .failure(.unreachable, .unavailable, "the upstream says that it is not serving") }
  static var overloaded: CallEnd { .failure(.overloaded, .unavailable, "the upstream takes no more calls now") }
}
