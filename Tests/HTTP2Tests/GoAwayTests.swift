import Testing

@testable import HTTP2

struct GoAwayTests {
  @Test
  func twoPhasesLoseNothing() {
    var machine = Machine.ready()
    let first = machine.opened()
    let second = machine.opened()
    #expect(
      machine.goAwayReceived(GoAwayFrame(lastStreamID: .maximum, code: .noError))
        == .draining(unprocessed: [], code: .noError))
    #expect(machine.isDraining == true)
    #expect(machine.open(testHead) == .unavailable)
    #expect(
      machine.goAwayReceived(GoAwayFrame(lastStreamID: first, code: .noError))
        == .draining(unprocessed: [second], code: .noError))
    guard case .response = machine.headersReceived(headers(first, ok)) else { return #expect(Bool(false)) }
    #expect(machine.headersReceived(headers(second, ok)) == .none)
    #expect(machine.openStreamCount == 1)
  }

  @Test
  func lastStreamMayNotRise() {
    var machine = Machine.ready()
    _ = machine.opened()
    _ = machine.goAwayReceived(GoAwayFrame(lastStreamID: StreamID(0), code: .noError))
    #expect(
      machine.goAwayReceived(GoAwayFrame(lastStreamID: StreamID(1), code: .noError)) == .connectionFault(.goAwayRaised))
  }

  @Test
  func oursIsWrittenOnce() throws {
    var machine = Machine.ready()
    machine.goAway()
    machine.goAway()
    #expect(try machine.takeFrames() == [.goAway(GoAwayFrame(lastStreamID: .connection, code: .noError))])
    #expect(machine.freeStreams == 0)
  }
}
