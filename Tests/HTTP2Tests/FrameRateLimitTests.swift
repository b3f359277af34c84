import NIOCore
import Testing

@testable import HTTP2

struct FrameRateLimitTests {
  @Test
  func allowsTheMaximumWithinASecondAndNotOneMore() {
    var limit = FrameRateLimit(maximum: 10)
    let start = NIODeadline.uptimeNanoseconds(5)
    for _ in 0..<10 { #expect(limit.allows(at: start) == true) }
    #expect(limit.allows(at: start + .milliseconds(999)) == false)
    #expect(limit.allows(at: start + .seconds(1)) == true)
  }

  @Test
  func framesOurOwnTrafficCallsForAreFree() {
    var limit = FrameRateLimit(maximum: 10)
    let now = NIODeadline.uptimeNanoseconds(5)
    limit.expect(5)
    for _ in 0..<15 { #expect(limit.allows(at: now) == true) }
    #expect(limit.allows(at: now) == false)
  }

  @Test
  func nothingCanBeSavedUpForAnAttack() {
    var limit = FrameRateLimit(maximum: 10)
    for _ in 0..<1000 { limit.expect(100) }
    let now = NIODeadline.uptimeNanoseconds(5)
    var allowed = 0
    while limit.allows(at: now) { allowed += 1 }
    #expect(allowed == 50)
  }

  @Test
  func nothingIsAllowedOfNothing() {
    var limit = FrameRateLimit(maximum: 0)
    #expect(limit.allows(at: .uptimeNanoseconds(5)) == false)
  }
}
