internal import NIOCore

/// Drives the line of the calls that wait for an address, or at an address for a stream, with the timer that it asks for.
final class WaitingCalls {
  private let eventLoop: any EventLoop
  private var line: WaitingLine<UpstreamCall>
  private var timer: (due: NIODeadline, scheduled: Scheduled<Void>)?
  /// Hears of calls that have waited too long and wait no more.
  var waitedTooLong: (([UpstreamCall]) -> Void)?

  init(eventLoop: any EventLoop, maximum: Int) {
    self.eventLoop = eventLoop
    line = WaitingLine(maximum: maximum)
  }

  var count: Int { line.count }
  var isEmpty: Bool { line.isEmpty }
  var first: UpstreamCall? { line.first }
  var firstUntil: NIODeadline? { line.firstUntil }

  /// - Returns: false when no more may wait.
  func join(_ call: UpstreamCall, until: NIODeadline) -> Bool {
    defer { setTimer() }
    return line.join(call, until: until)
  }

  func leave(_ call: UpstreamCall) {
    line.leave(call)
    setTimer()
  }

  func shorten(to until: NIODeadline) {
    line.shorten(to: until)
    setTimer()
  }

  /// Lets calls go, the longest-waiting first, for as long as each finds what it waits for.
  func leave(while place: (UpstreamCall) -> Bool) {
    // Placing one may end a connection, and with it the waiting of others.
    while let call = line.first, place(call) { line.leave(call) }
    setTimer()
  }

  func takeAll() -> [UpstreamCall] {
    defer { setTimer() }
    return line.takeAll()
  }

  private func setTimer() {
    guard timer?.due != line.wakes else { return }
    timer?.scheduled.cancel()
    timer = line.wakes.map { due in
      // Calls keep whom they wait for, and so this, until they wait no more.
      (due, eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in self?.timerFired() })
    }
  }

  private func timerFired() {
    timer = nil
    let late = line.takeLate(at: eventLoop.now)
    setTimer()
    if !late.isEmpty { waitedTooLong?(late) }
  }
}
