import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK
import Testing

@testable import GRPCUpstream

struct MessageCreditTests {
  @Test
  func bytesComeBackWhenTheCallerHasTakenThem() {
    var credit = MessageCredit()
    credit.received(105)
    credit.delivered(100)
    #expect(credit.take(undelivered: 0) == 0)
    credit.consumed(100, messages: 1)
    #expect(credit.take(undelivered: 0) == 105)
    #expect(credit == MessageCredit())
  }

  @Test
  func partOfALongMessageComesBackWhileNothingIsHeld() {
    var credit = MessageCredit()
    credit.received(1000)
    #expect(credit.take(undelivered: 1000) == 1000)
    credit.received(1000)
    credit.delivered(1995)
    #expect(credit.take(undelivered: 0) == 0)
    credit.received(500)
    #expect(credit.take(undelivered: 500) == 0)
    credit.consumed(1995, messages: 1)
    #expect(credit.take(undelivered: 500) == 1500)
  }

  @Test
  func emptyMessagesAreHeldToo() {
    var credit = MessageCredit()
    for _ in 0..<10 {
      credit.received(5)
      credit.delivered(0)
    }
    #expect(credit.held == 50)
    #expect(credit.take(undelivered: 0) == 0)
    credit.consumed(0, messages: 10)
    #expect(credit.take(undelivered: 0) == 50)
  }

  @Test
  func givingBackTooMuchGainsNothing() {
    var credit = MessageCredit()
    credit.received(105)
    credit.delivered(100)
    credit.consumed(.max, messages: .max)
    credit.consumed(-5, messages: -5)
    #expect(credit.held == 0)
    #expect(credit.take(undelivered: 0) == 105)
    #expect(credit.take(undelivered: 0) == 0)
  }

  @Test
  func inflatedMessagesHoldWhatTheirBytesCannot() {
    var credit = MessageCredit()
    credit.received(100)
    credit.delivered(1_000_000)
    #expect(credit.take(undelivered: 0) == 0)
    credit.consumed(1_000_000, messages: 1)
    #expect(credit.take(undelivered: 0) == 100)
  }
}

struct ReconnectScheduleTests {
  static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  @Test
  func delaysGrowToTheMaximum() {
    var backoff = ReconnectBackoff()
    let delays = (0..<10).map { _ in Double(backoff.nextDelay(random: 0.5).nanoseconds) / 1e9 }
    let expected = [1, 1.6, 2.56, 4.096, 6.5536, 10.48576, 16.777216, 20, 20, 20]
    #expect(zip(delays, expected).allSatisfy { abs($0 - $1) < 0.001 })
    backoff.reset()
    #expect(backoff.nextDelay(random: 0.5) == .seconds(1))
  }

  @Test
  func delaysDifferByAFifthAtMost() {
    var low = ReconnectBackoff()
    var high = ReconnectBackoff()
    #expect(low.nextDelay(random: 0) == .milliseconds(800))
    #expect(high.nextDelay(random: 1) == .milliseconds(1200))
    for _ in 0..<20 { #expect(high.nextDelay(random: 0.999) <= .seconds(20)) }
  }

  @Test
  func usefulConnectionIsReplacedAtOnceAndUselessOnlyOnce() {
    var schedule = ReconnectSchedule(.init())
    schedule.connected()
    #expect(schedule.connectionEnded(wasOfUse: true, at: Self.start, random: 0.5) == .zero)
    schedule.connected()
    #expect(schedule.connectionEnded(wasOfUse: false, at: Self.start, random: 0.5) == .seconds(1))
    schedule.connected()
    #expect(schedule.connectionEnded(wasOfUse: false, at: Self.start, random: 0.5) == .milliseconds(1600))
    schedule.connected()
    #expect(schedule.connectionEnded(wasOfUse: true, at: Self.start, random: 0.5) == .zero)
  }

  @Test
  func callsBringTheNextAttemptForwardToASecond() {
    var schedule = ReconnectSchedule(.init())
    #expect(schedule.allowsAttemptUnderDemand(at: Self.start))
    for _ in 0..<8 { _ = schedule.attemptFailed(at: Self.start, random: 0.5) }
    #expect(schedule.hasFailed)
    #expect(!schedule.allowsAttemptUnderDemand(at: Self.start + .milliseconds(999)))
    #expect(schedule.allowsAttemptUnderDemand(at: Self.start + .seconds(1)))
    schedule.connected()
    #expect(!schedule.hasFailed)
  }
}
