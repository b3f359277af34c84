import Testing

@testable import HTTPFrontEnd

@Suite struct WebSocketSessionStateMachineTests {
  typealias Machine = WebSocketSessionStateMachine

  @Test func withoutABodyTheCallStartsAtTheUpgrade() {
    var machine = Machine(input: .nothing, answer: .stream)
    #expect(machine.upgraded() == .sendBound)
    #expect(machine.answerReceived() == .forward)
    #expect(machine.upstreamFinished(isOK: true) == .close)
  }

  @Test(arguments: [Machine.Input.one, .many]) func withABodyItWaitsForAFrame(input: Machine.Input) {
    var machine = Machine(input: input, answer: .stream)
    #expect(machine.upgraded() == .wait)
    #expect(machine.messageReceived(isEmpty: false) == (input == .one ? .sendOnly : .send))
    #expect(machine.isOpen == true)
  }

  @Test func emptyMessageEndsTheStream() {
    var machine = Machine(input: .many, answer: .single)
    #expect(machine.messageReceived(isEmpty: false) == .send)
    #expect(machine.messageReceived(isEmpty: true) == .finish)
    #expect(machine.messageReceived(isEmpty: true) == .drop)
  }

  @Test func emptyFirstMessageIsAnEmptyStreamOrTheWholeRequest() {
    var many = Machine(input: .many, answer: .single)
    #expect(many.messageReceived(isEmpty: true) == .finish)
    var one = Machine(input: .one, answer: .stream)
    #expect(one.messageReceived(isEmpty: true) == .sendBound)
  }

  @Test func messageAfterTheEndIsRefused() {
    var machine = Machine(input: .one, answer: .stream)
    #expect(machine.messageReceived(isEmpty: false) == .sendOnly)
    #expect(machine.messageReceived(isEmpty: false) == .refuse)
    #expect(machine.isClosing == true)
  }

  @Test func singleAnswerWaitsForItsTrailers() {
    var machine = Machine(input: .many, answer: .single)
    _ = machine.messageReceived(isEmpty: true)
    #expect(machine.answerReceived() == .hold)
    #expect(machine.upstreamFinished(isOK: true) == .answerAndClose)
  }

  @Test func singleAnswerIsExactlyOne() {
    var none = Machine(input: .many, answer: .single)
    _ = none.messageReceived(isEmpty: true)
    #expect(none.upstreamFinished(isOK: true) == .failNoMessage)
    var two = Machine(input: .many, answer: .single)
    _ = two.messageReceived(isEmpty: true)
    _ = two.answerReceived()
    #expect(two.answerReceived() == .failTooManyMessages)
  }

  @Test func errorInTrailersWinsOverTheMessage() {
    var machine = Machine(input: .many, answer: .single)
    _ = machine.messageReceived(isEmpty: true)
    _ = machine.answerReceived()
    #expect(machine.upstreamFinished(isOK: false) == .fail)
  }

  @Test func callersCloseCancelsAndIsEchoed() {
    var machine = Machine(input: .many, answer: .stream)
    _ = machine.messageReceived(isEmpty: false)
    #expect(machine.closeReceived() == .cancelAndEcho)
    #expect(machine.upstreamFinished(isOK: false) == .ignore)
    #expect(machine.messageReceived(isEmpty: false) == .drop)
  }

  @Test func callersCloseAfterOursEndsTheConnection() {
    var machine = Machine(input: .nothing, answer: .stream)
    _ = machine.upgraded()
    _ = machine.upstreamFinished(isOK: true)
    #expect(machine.closeReceived() == .closeConnection)
    #expect(machine.closeReceived() == .drop)
  }

  @Test func faultClosesAndASecondOneEndsTheConnection() {
    var machine = Machine(input: .many, answer: .stream)
    #expect(machine.faulted() == .cancelAndClose)
    #expect(machine.faulted() == .closeConnection)
    #expect(machine.faulted() == .drop)
  }

  @Test func drainTakesSessionsWithoutACallAtOnce() {
    var waiting = Machine(input: .many, answer: .stream)
    #expect(waiting.drained(isOver: false) == .goAway)
    var calling = Machine(input: .many, answer: .stream)
    _ = calling.messageReceived(isEmpty: false)
    #expect(calling.drained(isOver: false) == .stay)
    #expect(calling.drained(isOver: true) == .goAway)
  }

  /// What every session has to keep, whatever happens in whatever order: the call is begun at most once and ended
  /// exactly once, one Close at most is written, nothing is sent upstream after the caller's end.
  @Test(arguments: 0..<200) func randomWalk(seed: UInt64) {
    var random = SplitMix(state: seed)
    let input = Machine.Input.allCases[Int(seed % 3)]
    let answer: ExchangeStateMachine.Answer = seed % 2 == 0 ? .single : .stream
    var machine = Machine(input: input, answer: answer)
    var model = Model()
    if machine.upgraded() == .sendBound { model.begin(ends: true) }
    for _ in 0..<40 {
      switch random.next() % 9 {
      case 0, 1, 2:
        switch machine.messageReceived(isEmpty: random.next() % 3 == 0) {
        case .send: model.send(ends: false)
        case .sendOnly, .sendBound: model.begin(ends: true)
        case .finish: model.send(ends: true)
        case .refuse: model.end(writesClose: true)
        case .drop: break
        }
      case 3:
        guard model.isCalling else { continue }
        switch machine.answerReceived() {
        case .hold, .forward: #expect(model.closes == 0)
        case .failTooManyMessages: model.end(writesClose: true)
        case .drop: Issue.record("an open call's answer was dropped")
        }
      case 4:
        guard model.isCalling else { continue }
        let action = machine.upstreamFinished(isOK: random.next() % 2 == 0)
        #expect(action != .ignore)
        model.end(writesClose: true)
      case 5:
        switch machine.closeReceived() {
        case .cancelAndEcho: model.end(writesClose: true)
        case .closeConnection, .drop: #expect(!model.isCalling)
        }
      case 6:
        switch machine.faulted() {
        case .cancelAndClose: model.end(writesClose: true)
        case .closeConnection, .drop: #expect(!model.isCalling)
        }
      case 7:
        if machine.failed() == .cancelAndTell { model.end(writesClose: true) }
      default:
        if random.next() % 4 == 0 {
          if machine.downstreamClosed() == .cancel { model.end(writesClose: false) }
        } else if machine.drained(isOver: random.next() % 2 == 0) == .goAway {
          model.end(writesClose: true)
        }
      }
      #expect(machine.isOpen == model.isOpen)
    }
  }

  private struct Model {
    var isOpen = true
    var isCalling = false
    var callerEnded = false
    var closes = 0

    mutating func begin(ends: Bool) {
      #expect(isOpen && !isCalling && !callerEnded)
      isCalling = true
      callerEnded = ends
    }

    mutating func send(ends: Bool) {
      #expect(isOpen && !callerEnded)
      isCalling = true
      callerEnded = ends
    }

    mutating func end(writesClose: Bool) {
      #expect(isOpen)
      isOpen = false
      isCalling = false
      if writesClose { closes += 1 }
      #expect(closes <= 1)
    }
  }

  private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
