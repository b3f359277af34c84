import Testing

@testable import HTTPFrontEnd

@Suite struct ExchangeStateMachineTests {
  @Test func singleAnswerWaitsForItsTrailers() {
    var machine = ExchangeStateMachine(answer: .single)
    #expect(machine.requestEnded() == .forward)
    #expect(machine.initialMetadataReceived() == .ignore)
    #expect(machine.messageReceived() == .hold)
    #expect(machine.upstreamFinished(isOK: true) == .answerMessage)
    #expect(machine.isFinished == true)
  }

  @Test func errorInTrailersWinsOverTheMessage() {
    var machine = ExchangeStateMachine(answer: .single)
    _ = machine.messageReceived()
    #expect(machine.upstreamFinished(isOK: false) == .answerError)
  }

  @Test func okWithoutMessageIsAnError() {
    var machine = ExchangeStateMachine(answer: .single)
    #expect(machine.upstreamFinished(isOK: true) == .answerNoMessage)
  }

  @Test func secondMessageOfASingleAnswerIsAnError() {
    var machine = ExchangeStateMachine(answer: .single)
    _ = machine.messageReceived()
    #expect(machine.messageReceived() == .answerTooManyMessages)
    #expect(machine.upstreamFinished(isOK: true) == .ignore)
  }

  @Test func firstMessageStartsTheStream() {
    var machine = ExchangeStateMachine(answer: .stream)
    #expect(machine.initialMetadataReceived() == .armSilenceTimer)
    #expect(machine.messageReceived() == .startStreamAndForward)
    #expect(machine.messageReceived() == .forward)
    #expect(machine.upstreamFinished(isOK: true) == .endStream)
  }

  @Test func silenceStartsTheStreamOnce() {
    var machine = ExchangeStateMachine(answer: .stream)
    #expect(machine.silenceElapsed() == .startStream)
    #expect(machine.silenceElapsed() == .ignore)
    #expect(machine.messageReceived() == .forward)
  }

  @Test func silenceNeverDecidesASingleAnswer() {
    var machine = ExchangeStateMachine(answer: .single)
    #expect(machine.silenceElapsed() == .ignore)
  }

  @Test func emptyStreamHasHeadAndEnd() {
    var machine = ExchangeStateMachine(answer: .stream)
    #expect(machine.upstreamFinished(isOK: true) == .startAndEndStream)
  }

  @Test(arguments: [true, false]) func errorBeforeTheHeadHasItsStatusAndAfterItBreaks(started: Bool) {
    var machine = ExchangeStateMachine(answer: .stream)
    if started { _ = machine.messageReceived() }
    #expect(machine.upstreamFinished(isOK: false) == (started ? .breakStream : .answerError))
    #expect(machine.failed() == .ignore)
  }

  @Test(arguments: [true, false]) func failureOfTheGatewayItself(started: Bool) {
    var machine = ExchangeStateMachine(answer: .stream)
    if started { _ = machine.messageReceived() }
    #expect(machine.failed() == (started ? .breakStream : .answerError))
    #expect(machine.messageReceived() == .drop)
    #expect(machine.requestMessageReceived() == .drop)
  }

  @Test func halvesEndIndependently() {
    var machine = ExchangeStateMachine(answer: .stream)
    #expect(machine.messageReceived() == .startStreamAndForward)
    #expect(machine.requestMessageReceived() == .forward)
    #expect(machine.requestEnded() == .forward)
    #expect(machine.uploadIsComplete == true)
    #expect(machine.requestMessageReceived() == .drop)
    #expect(machine.messageReceived() == .forward)
  }

  @Test func callerGoneCancelsOnce() {
    var machine = ExchangeStateMachine(answer: .stream)
    _ = machine.messageReceived()
    #expect(machine.downstreamClosed() == .cancelUpstream)
    #expect(machine.downstreamClosed() == .ignore)
    #expect(machine.upstreamFinished(isOK: true) == .ignore)
  }

  /// Whatever happens in whatever order, there is at most one end, and nothing flows after it.
  @Test(arguments: 0..<200 as Range<UInt64>) func randomWalkEndsAtMostOnce(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var machine = ExchangeStateMachine(answer: Bool.random(using: &random) ? .single : .stream)
    var ends = 0
    for _ in 0..<30 {
      let wasFinished = machine.isFinished
      var ended = false
      switch Int.random(in: 0..<8, using: &random) {
      case 0: _ = machine.requestMessageReceived()
      case 1: _ = machine.requestEnded()
      case 2: ended = machine.downstreamClosed() != .ignore
      case 3: ended = machine.failed() != .ignore
      case 4: #expect(!(machine.initialMetadataReceived() == .armSilenceTimer && wasFinished))
      case 5: #expect(!(machine.silenceElapsed() == .startStream && wasFinished))
      case 6:
        let action = machine.messageReceived()
        #expect(!wasFinished || action == .drop)
        ended = action == .answerTooManyMessages
      default: ended = machine.upstreamFinished(isOK: Bool.random(using: &random)) != .ignore
      }
      if ended { ends += 1 }
      #expect(machine.isFinished == (ends == 1))
    }
    #expect(ends <= 1)
  }
}

/// SplitMix64, so that a failing walk can be walked again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
