import NIOCore
import NIOWebSocket
import Testing

@testable import HTTPFrontEnd

@Suite struct WebSocketPartsTests {
  @Test(arguments: [0, 1, 3, 7, 8, 9, 16, 31, 1000]) func unmaskingIsEXORWithTheKey(count: Int) {
    let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let key: WebSocketMaskingKey = [0x37, 0xFA, 0x21, 0x3D]
    var masked = ByteBuffer(bytes: plain)
    masked.webSocketMask(key)
    var unmasked = ByteBuffer(string: "!")
    unmasked.writeUnmasked(masked, key)
    #expect(Array(unmasked.readableBytesView.dropFirst()) == plain)
  }

  @Test(
    arguments: [(0, [0x81, 0]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]), (65_535, [0x81, 126, 255, 255])]
      as [(Int, [UInt8])])
  func frameHeads(length: Int, head: [UInt8]) {
    var buffer = ByteBuffer()
    buffer.writeFrameHead(.text, length: length)
    #expect(Array(buffer.readableBytesView) == head)
  }

  @Test func longFrameHead() {
    var buffer = ByteBuffer()
    buffer.writeFrameHead(.text, length: 65_536)
    #expect(Array(buffer.readableBytesView) == [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0])
  }

  @Test(arguments: [
    ("http://a", "a", true), ("http://a:8080", "a:8080", true), ("http://A", "a", true), ("http://a:80", "a", true),
    ("https://a", "a:443", true), ("http://a", "a:443", false), ("http://a", "b", false), ("http://a:1", "a:2", false),
    ("null", "a", false), ("", "a", false), ("file://a", "a", false), ("http://", "", false),
    ("http://b", "a", false), ("http://ab", "a", false), ("https://app.example", "a", true),
    ("https://app.example.evil", "a", false),
  ])
  func originsOfTheHostOrTheList(origin: String, host: String, isAllowed: Bool) {
    #expect(WebSocketOriginPolicy(allowed: ["https://app.example"]).allows(origin, host: host) == isAllowed)
  }

  @Test func starAllowsEveryOrigin() {
    #expect(WebSocketOriginPolicy(allowed: ["*"]).allows("null", host: "a"))
  }

  @Test func pingsAreDueByTheInterval() {
    let start = NIODeadline.uptimeNanoseconds(0)
    var liveness = WebSocketLiveness(interval: .seconds(30), timeout: .seconds(20), now: start)
    #expect(liveness.timePassed(now: start + .seconds(29), canAnswer: true) == .wait)
    #expect(liveness.timePassed(now: start + .seconds(30), canAnswer: true) == .ping)
    #expect(liveness.next == start + .seconds(50))
    #expect(liveness.timePassed(now: start + .seconds(49), canAnswer: true) == .wait)
    #expect(liveness.timePassed(now: start + .seconds(50), canAnswer: true) == .giveUp)
  }

  @Test func whateverIsHeardCountsAsAPong() {
    let start = NIODeadline.uptimeNanoseconds(0)
    var liveness = WebSocketLiveness(interval: .seconds(30), timeout: .seconds(20), now: start)
    _ = liveness.timePassed(now: start + .seconds(30), canAnswer: true)
    liveness.heard()
    #expect(liveness.timePassed(now: start + .seconds(59), canAnswer: true) == .wait)
    #expect(liveness.timePassed(now: start + .seconds(60), canAnswer: true) == .ping)
  }

  @Test func noPingsAndNobodyGivenUpWhereTheTimesAreZero() {
    let start = NIODeadline.uptimeNanoseconds(0)
    var silent = WebSocketLiveness(interval: .zero, timeout: .seconds(20), now: start)
    #expect(silent.next == .distantFuture)
    #expect(silent.timePassed(now: start + .hours(9), canAnswer: false) == .wait)
    #expect(silent.timePassed(now: start + .hours(9), canAnswer: true) == .wait)
    var patient = WebSocketLiveness(interval: .seconds(30), timeout: .zero, now: start)
    #expect(patient.timePassed(now: start + .seconds(30), canAnswer: true) == .ping)
    #expect(patient.next == start + .seconds(60))
    #expect(patient.timePassed(now: start + .seconds(60), canAnswer: true) == .ping)
  }

  @Test func theCallersCloseIsAwaitedForItsTime() {
    let start = NIODeadline.uptimeNanoseconds(0)
    var wait = WebSocketCloseWait()
    wait.begin(now: start, timeout: .seconds(5))
    #expect(wait.deadline == start + .seconds(5))
    #expect(wait.timePassed(now: start + .seconds(5) - .nanoseconds(1), waiting: 0) == .wait)
    #expect(wait.timePassed(now: start + .seconds(5), waiting: 0) == .giveUp)
  }

  @Test func whoStillTakesWhatWasWrittenHasItsTimeToClose() {
    let start = NIODeadline.uptimeNanoseconds(0)
    var wait = WebSocketCloseWait()
    wait.begin(now: start, timeout: .seconds(5))
    #expect(wait.timePassed(now: start + .seconds(9), waiting: 1) == .wait)
    #expect(wait.deadline == start + .seconds(14))
    #expect(wait.timePassed(now: start + .seconds(14) - .nanoseconds(1), waiting: 0) == .wait)
    #expect(wait.timePassed(now: start + .seconds(14), waiting: 0) == .giveUp)
    // No time at all is none for the handshake, not for what stands before it.
    wait.begin(now: start, timeout: .zero)
    #expect(wait.timePassed(now: start, waiting: 1) == .wait)
    #expect(wait.timePassed(now: start + .seconds(1), waiting: 0) == .giveUp)
  }

  @Test func whoCannotAnswerIsNotGivenUp() {
    let start = NIODeadline.uptimeNanoseconds(0)
    var liveness = WebSocketLiveness(interval: .seconds(30), timeout: .seconds(20), now: start)
    _ = liveness.timePassed(now: start + .seconds(30), canAnswer: true)
    #expect(liveness.timePassed(now: start + .seconds(50), canAnswer: false) == .wait)
    #expect(liveness.next == start + .seconds(80))
    #expect(liveness.timePassed(now: start + .seconds(80), canAnswer: true) == .ping)
  }
}
