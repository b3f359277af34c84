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

  @Test func whoCannotAnswerIsNotGivenUp() {
    let start = NIODeadline.uptimeNanoseconds(0)
    var liveness = WebSocketLiveness(interval: .seconds(30), timeout: .seconds(20), now: start)
    _ = liveness.timePassed(now: start + .seconds(30), canAnswer: true)
    #expect(liveness.timePassed(now: start + .seconds(50), canAnswer: false) == .wait)
    #expect(liveness.next == start + .seconds(80))
    #expect(liveness.timePassed(now: start + .seconds(80), canAnswer: true) == .ping)
  }
}
