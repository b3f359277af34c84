import Testing

@testable import HTTPFrontEnd

@Suite struct DownstreamConnectionStateMachineTests {
  @Test func oneExchangeAfterAnother() {
    var machine = DownstreamConnectionStateMachine()
    for _ in 0..<3 {
      #expect(machine.acceptsNextRequest == true)
      #expect(machine.requestHeadReceived(keepAlive: true) == .begin)
      #expect(machine.acceptsNextRequest == false)
      #expect(machine.requestEnded() == .wait)
      #expect(machine.responseEnded(remainderIsShort: true) == .next)
    }
  }

  @Test func answerBeforeTheEndOfAShortRequestKeepsTheConnection() {
    var machine = DownstreamConnectionStateMachine()
    _ = machine.requestHeadReceived(keepAlive: true)
    #expect(machine.responseEnded(remainderIsShort: true) == .wait)
    #expect(machine.acceptsNextRequest == false)
    #expect(machine.requestEnded() == .next)
  }

  @Test func answerBeforeTheEndOfALongRequestLingers() {
    var machine = DownstreamConnectionStateMachine()
    _ = machine.requestHeadReceived(keepAlive: true)
    #expect(machine.responseEnded(remainderIsShort: false) == .linger)
    #expect(machine.isLingering == true)
    #expect(machine.requestEnded() == .close)
  }

  @Test func closesWhenTheCallerAskedForIt() {
    var machine = DownstreamConnectionStateMachine()
    _ = machine.requestHeadReceived(keepAlive: false)
    _ = machine.requestEnded()
    #expect(machine.responseEnded(remainderIsShort: true) == .close)
  }

  @Test func keepAliveCanBeForbiddenOnTheWay() {
    var machine = DownstreamConnectionStateMachine()
    _ = machine.requestHeadReceived(keepAlive: true)
    machine.keepAliveForbidden()
    #expect(machine.keepsAlive == false)
    _ = machine.requestEnded()
    #expect(machine.responseEnded(remainderIsShort: true) == .close)
  }

  @Test func requestOutOfTurnIsNotBegun() {
    var machine = DownstreamConnectionStateMachine()
    _ = machine.requestHeadReceived(keepAlive: true)
    #expect(machine.requestHeadReceived(keepAlive: true) == .drop)
  }

  /// Else the reset over what the caller still sends would take the last of the answer with it.
  @Test func lingersOverABrokenAnswerToARequestThatIsStillArriving() {
    var machine = DownstreamConnectionStateMachine()
    _ = machine.requestHeadReceived(keepAlive: true)
    #expect(machine.responseBroken() == .linger)
    #expect(machine.responseBroken() == .wait)
    #expect(machine.requestEnded() == .close)
  }

  @Test func nothingHappensAfterABrokenAnswer() {
    var machine = DownstreamConnectionStateMachine()
    _ = machine.requestHeadReceived(keepAlive: true)
    _ = machine.requestEnded()
    #expect(machine.responseBroken() == .close)
    #expect(machine.requestEnded() == .wait)
    #expect(machine.responseEnded(remainderIsShort: true) == .wait)
    #expect(machine.requestHeadReceived(keepAlive: true) == .drop)
  }
}
