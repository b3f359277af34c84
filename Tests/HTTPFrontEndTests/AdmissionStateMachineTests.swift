import NIOCore
import Testing

@testable import HTTPFrontEnd

private func time(_ seconds: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

@Suite struct AdmissionStateMachineTests {
  private func machine(_ inFlight: Int, _ waiting: Int) -> AdmissionStateMachine {
    AdmissionStateMachine(
      limits: .init(maximumInFlight: inFlight, maximumWaiting: waiting, maximumWait: .seconds(1)))
  }

  private func ticket(_ action: AdmissionStateMachine.QueueAction) -> AdmissionStateMachine.Ticket? {
    if case .wait(let ticket, _) = action { ticket } else { nil }
  }

  @Test func soManyAreInFlightAndNoMore() {
    var machine = machine(2, 0)
    #expect(machine.callArrived() == .admit)
    #expect(machine.callArrived() == .admit)
    #expect(machine.callArrived() == .queue)
    #expect(machine.callQueued(at: time(1)) == .refuse)
    #expect(machine.callEnded() == .none)
    #expect(machine.callArrived() == .admit)
  }

  @Test func soManyWaitAndNoMore() throws {
    var machine = machine(1, 2)
    #expect(machine.callArrived() == .admit)
    let first = try #require(ticket(machine.callQueued(at: time(1))))
    let second = try #require(ticket(machine.callQueued(at: time(1))))
    #expect(machine.callQueued(at: time(1)) == .refuse)
    #expect(machine.callEnded() == .admit(first))
    #expect(machine.callEnded() == .admit(second))
    #expect(machine.callEnded() == .none)
    #expect(machine.inFlight == 0)
  }

  @Test func whoComesLaterStandsBehindThoseInLine() {
    var machine = machine(1, 1)
    #expect(machine.callArrived() == .admit)
    _ = machine.callQueued(at: time(1))
    #expect(machine.callArrived() == .queue)
  }

  @Test func waitingHasAnEnd() throws {
    var machine = machine(0, 2)
    let first = try #require(ticket(machine.callQueued(at: time(1))))
    _ = machine.callQueued(at: time(2))
    #expect(machine.timePassed(now: time(1)) == .wait(until: time(2)))
    #expect(machine.timePassed(now: time(2)) == .refuse(first))
    #expect(machine.timePassed(now: time(2)) == .wait(until: time(3)))
    #expect(machine.waiting == 1)
  }

  @Test func whoLeavesTheLineIsNotAdmitted() throws {
    var machine = machine(1, 2)
    _ = machine.callArrived()
    let first = try #require(ticket(machine.callQueued(at: time(1))))
    let second = try #require(ticket(machine.callQueued(at: time(1))))
    machine.callLeft(first)
    machine.callLeft(first)
    #expect(machine.callEnded() == .admit(second))
  }

  @Test func loweredLimitsAreReachedAsCallsEnd() throws {
    var machine = machine(2, 1)
    _ = machine.callArrived()
    _ = machine.callArrived()
    let waiting = try #require(ticket(machine.callQueued(at: time(1))))
    machine.limits.maximumInFlight = 1
    #expect(machine.callEnded() == .none)
    #expect(machine.callEnded() == .admit(waiting))
  }

  @Test func randomWalkKeepsTheLimits() {
    var random = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: 0 ... .max, using: &random)
    var generator = SplitMix(state: seed)
    var machine = machine(3, 4)
    var waiting: [AdmissionStateMachine.Ticket] = []
    var inFlight = 0
    for step in 0..<10_000 {
      switch generator.next() % 4 {
      case 0, 1:
        switch machine.callArrived() {
        case .admit: inFlight += 1
        case .queue: if let ticket = ticket(machine.callQueued(at: time(step))) { waiting.append(ticket) }
        }
      case 2 where inFlight > 0:
        switch machine.callEnded() {
        case .none: inFlight -= 1
        case .admit(let ticket): #expect(waiting.removeFirst() == ticket, "seed \(seed)")
        }
      case 3 where !waiting.isEmpty:
        machine.callLeft(waiting.remove(at: Int(generator.next() % UInt64(waiting.count))))
      default: break
      }
      #expect(machine.inFlight == inFlight && inFlight <= 3, "seed \(seed)")
      #expect(machine.waiting == waiting.count && waiting.count <= 4, "seed \(seed)")
    }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
