import NIOCore
import Testing

@testable import HTTPFrontEnd

private func time(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds * 1e9)) }

@Suite struct RequestHeadClockTests {
  private func deadline(_ clock: RequestHeadClock) -> (at: NIODeadline, then: RequestHeadClock.Expiry) {
    clock.deadline(headerTimeout: .seconds(10), keepAliveTimeout: .seconds(75))
  }

  @Test func theFirstHeadIsDueFromTheAccept() {
    var clock = RequestHeadClock(opened: time(100))
    #expect(deadline(clock) == (time(110), .answerTimeout))
    let isNew = clock.partialHeadReceived(at: time(105))
    #expect(!isNew)
    #expect(deadline(clock) == (time(110), .answerTimeout))
  }

  @Test func aKeptConnectionIsClosedWithoutAWord() {
    var clock = RequestHeadClock(opened: time(100))
    clock.exchangeEnded(at: time(101))
    #expect(deadline(clock) == (time(176), .close))
  }

  @Test func aFurtherHeadIsDueFromItsFirstByteWhateverFollows() {
    var clock = RequestHeadClock(opened: time(100))
    clock.exchangeEnded(at: time(101))
    let first = clock.partialHeadReceived(at: time(150))
    let second = clock.partialHeadReceived(at: time(159))
    #expect(first && !second)
    #expect(deadline(clock) == (time(160), .answerTimeout))
    clock.exchangeEnded(at: time(161))
    #expect(deadline(clock) == (time(236), .close))
  }
}

@Suite struct UploadPaceTests {
  private let pace = UploadPace(began: time(100), grace: .seconds(10), rate: 1024)

  @Test(arguments: [(0, 110), (1, 110), (10_240, 110), (10_752, 110.5), (61_440, 160)] as [(Int, Double)])
  func bytesBuyTime(received: Int, until: Double) {
    #expect(pace.deadline(received: received) == time(until))
  }

  @Test func aByteMoreIsAMomentMore() {
    #expect(pace.deadline(received: 10 * 1024 + 1) > pace.deadline(received: 10 * 1024))
  }

  @Test func noRateIsNoRule() {
    #expect(UploadPace(began: time(1), grace: .seconds(10), rate: 0).deadline(received: 0) == .distantFuture)
  }
}

@Suite struct AcceptStateMachineTests {
  @Test func pausesAtTheLimitAndGoesOn() {
    var machine = AcceptStateMachine(maximumConnections: 2)
    #expect(machine.readRequested() == .accept(atMost: 2))
    machine.connectionAccepted()
    #expect(machine.readRequested() == .accept(atMost: 1))
    machine.connectionAccepted()
    #expect(machine.readRequested() == .hold)
    #expect(machine.readRequested() == .hold)
    #expect(machine.pauses == 1)
    #expect(machine.connectionClosed() == .resume)
    #expect(machine.readRequested() == .accept(atMost: 1))
    #expect(machine.connectionClosed() == .none)
  }

  @Test func oneIsTheLeast() {
    var machine = AcceptStateMachine(maximumConnections: 0)
    #expect(machine.readRequested() == .accept(atMost: 1))
  }
}
