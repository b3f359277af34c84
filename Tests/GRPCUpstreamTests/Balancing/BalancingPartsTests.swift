import NIOCore
import Testing

@testable import GRPCUpstream

@Suite struct AddressPickerTests {
  @Test func roundRobinTakesEachInTurn() {
    var picker = AddressPicker(.roundRobin, seed: 7)
    let picks = (0..<9).map { _ in picker.pick(count: 3) { _ in 0 } ?? -1 }
    let first = picks[0]
    #expect(picks == (0..<9).map { (first + $0) % 3 })
  }

  @Test func theFirstDiffersFromPickerToPicker() {
    let firsts = Set(
      (0 as UInt64..<64).map { seed in
        var picker = AddressPicker(.roundRobin, seed: seed)
        return picker.pick(count: 3) { _ in 0 } ?? -1
      })
    #expect(firsts == [0, 1, 2])
  }

  @Test(arguments: BalancingPolicy.allCases)
  func whoTakesNoCallIsSkipped(policy: BalancingPolicy) {
    var picker = AddressPicker(policy, seed: 7)
    for _ in 0..<100 {
      #expect(picker.pick(count: 5) { $0 == 3 ? 10 : nil } == 3)
      #expect(picker.pick(count: 5) { _ in nil } == nil)
      #expect(picker.pick(count: 0) { _ in 0 } == nil)
      #expect(picker.pick(count: 1) { _ in 0 } == 0)
    }
  }

  @Test func roundRobinBearsAddressesThatComeAndGo() {
    var picker = AddressPicker(.roundRobin, seed: 7)
    for count in [5, 1, 3, 2, 64, 1] {
      let pick = picker.pick(count: count) { _ in 0 }
      #expect(pick.map { $0 >= 0 && $0 < count } == true)
    }
  }

  @Test func ofTwoTheLessBusyIsTaken() {
    var picker = AddressPicker(.leastRequest, seed: 7)
    for _ in 0..<100 { #expect(picker.pick(count: 2) { [4, 3][$0] } == 1) }
  }

  @Test func theBusiestOfManyIsNeverTakenAndTheOthersAre() {
    var picker = AddressPicker(.leastRequest, seed: 7)
    var counts = [0, 0, 0, 0]
    for _ in 0..<4000 { counts[picker.pick(count: 4) { [9, 1, 1, 1][$0] } ?? 0] += 1 }
    #expect(counts[0] == 0)
    // A third each; 3 standard deviations are 90.
    for count in counts.dropFirst() { #expect(abs(count - 1333) < 200) }
  }
}

@Suite struct AddressChangeTests {
  @Test(
    arguments: [
      ([], ["a", "b"], 9, [], ["a", "b"], []),
      (["a", "b"], ["b", "a"], 9, ["a", "b"], [], []),
      (["a", "b"], ["c", "b"], 9, ["b"], ["c"], ["a"]),
      (["a"], ["b", "b", "a"], 9, ["a"], ["b"], []),
      // Who is there already stays within the limit.
      (["c"], ["a", "b", "c"], 2, ["c"], ["a"], []),
      (["a", "b", "c"], ["a", "b", "c"], 2, ["a", "b"], [], ["c"]),
    ] as [([String], [String], Int, [String], [String], [String])])
  func change(
    used: [String], answer: [String], maximum: Int, kept: [String], joined: [String], vanished: [String]
  ) {
    let change = AddressChange(from: used, to: answer, maximum: maximum)
    #expect(change.kept == kept)
    #expect(change.joined == joined)
    #expect(change.vanished == vanished)
  }
}

@Suite struct ResolutionScheduleTests {
  private func schedule(interval: TimeAmount = .seconds(60)) -> ResolutionSchedule {
    var configuration = BalancingConfiguration()
    configuration.resolveInterval = interval
    return ResolutionSchedule(configuration, backoff: .init())
  }

  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  @Test func theFirstIsAllowedAtOnce() {
    #expect(schedule().wanted(at: start) == start)
  }

  @Test func lostConnectionsAskNoOftenerThanAllowed() {
    var schedule = schedule()
    #expect(schedule.succeeded(at: start) == start + .seconds(60))
    #expect(schedule.wanted(at: start + .seconds(1)) == start + .seconds(30))
    #expect(schedule.wanted(at: start + .seconds(30)) == start + .seconds(30))
    #expect(schedule.wanted(at: start + .seconds(31)) == start + .seconds(31))
  }

  @Test func zeroMeansNeverUnlessAskedFor() {
    var schedule = schedule(interval: .zero)
    #expect(schedule.succeeded(at: start) == nil)
    #expect(schedule.wanted(at: start) == start + .seconds(30))
  }

  @Test func theMinimumHoldsForTheIntervalToo() {
    var schedule = schedule(interval: .seconds(1))
    #expect(schedule.succeeded(at: start) == start + .seconds(30))
  }

  @Test func failuresAreRepeatedEverLater() {
    var schedule = schedule()
    #expect(schedule.failed(at: start, random: 0.5) == start + .seconds(1))
    #expect(schedule.failed(at: start, random: 0.5) == start + .milliseconds(1600))
    #expect(schedule.wanted(at: start) == start + .milliseconds(1600))
    _ = schedule.succeeded(at: start)
    #expect(schedule.failed(at: start, random: 0.5) == start + .seconds(1))
  }
}
