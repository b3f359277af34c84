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
    // An attempt ends by itself and takes its calls with it; a connected upstream has to have a stream soon.
    let patience = connections.isEmpty ? configuration.connectTimeout : configuration.maximumWait
    guard waiting.join(call, until: now + patience) else {
      resources.counters.overloaded += 1
      endLater(call, Self.overloaded)
      return
    }
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
    waiting.leave(while: start)
    if !waiting.isEmpty { startAttemptIfNeeded() }
  }

  /// Gives a free stream to the first of those who wait at an address, another or this one.
  ///
  /// - Returns: false when there was none to be had, or nobody.
  func takeOverFirst(of other: UpstreamPool) -> Bool {
    guard let call = other.waiting.first else { return false }
    call.adopted(by: self, head: head(of: call.route))
    if start(call) {
      other.waiting.leave(call)
      return true
    }
    // It still waits there, unless the end of a connection has sent it elsewhere meanwhile.
    if other.waiting.first === call { call.adopted(by: other, head: other.head(of: call.route)) }
    return false
  }

  /// A waiting call was cancelled.
  func forget(_ call: UpstreamCall) {
    waiting.leave(call)
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
    let calls = waiting.takeAll()
    guard !calls.isEmpty else { return }
    if let upstream, upstream.isBalancing {
      for call in calls { upstream.place(call, avoiding: self) }
    } else {
      resources.counters.unreachable += calls.count
      for call in calls { call.end(end) }
    }
  }

  private func endLater(_ call: UpstreamCall, _ end: CallEnd) {
    eventLoop.assumeIsolated().execute { call.end(end) }
  }

  /// No stream, or no connection, has come in time.
  func waitedTooLong(_ calls: [UpstreamCall]) {
    if connections.isEmpty {
      resources.counters.unreachable += calls.count
      for call in calls { call.end(Self.unreachable) }
    } else {
      resources.counters.overloaded += calls.count
      for call in calls { call.end(Self.overloaded) }
    }
  }

  static var shuttingDown: CallEnd { .failure(.shutdown, .unavailable, "the gateway is shutting down") }
  static var unreachable: CallEnd { .failure(.unreachable, .unavailable, "the upstream cannot be reached") }
  static var notServing: CallEnd { .failure(.unreachable, .unavailable, "the upstream says that it is not serving") }
  static var overloaded: CallEnd { .failure(.overloaded, .unavailable, "the upstream takes no more calls now") }
}
