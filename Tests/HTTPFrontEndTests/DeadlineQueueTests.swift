import NIOCore
import Testing

@testable import HTTPFrontEnd

@Suite struct DeadlineQueueTests {
  private func time(_ value: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(value)) }

  @Test func popsWhatIsDueInOrder() {
    var queue = DeadlineQueue()
    let entries = (0..<5).map { _ in DeadlineQueue.Entry() }
    for (entry, at) in zip(entries, [50, 10, 40, 20, 30]) { queue.arm(entry, at: time(at)) }
    #expect(queue.earliest == time(10))
    #expect(queue.popDue(at: time(30))?.entry === entries[1])
    #expect(queue.popDue(at: time(30))?.entry === entries[3])
    #expect(queue.popDue(at: time(30))?.entry === entries[4])
    #expect(queue.popDue(at: time(30))?.entry == nil)
    #expect(queue.count == 2)
  }

  @Test func armingAgainMovesAnEntry() {
    var queue = DeadlineQueue()
    let entry = DeadlineQueue.Entry()
    queue.arm(entry, at: time(10))
    queue.arm(entry, at: time(30))
    #expect(queue.count == 1)
    #expect(queue.popDue(at: time(20))?.entry == nil)
    queue.arm(entry, at: time(5))
    #expect(queue.popDue(at: time(5))?.entry === entry)
    #expect(!entry.isArmed)
  }

  @Test func disarmingTwiceIsHarmless() {
    var queue = DeadlineQueue()
    let entry = DeadlineQueue.Entry()
    queue.arm(entry, at: time(10))
    queue.disarm(entry)
    queue.disarm(entry)
    #expect(queue.isEmpty)
    #expect(queue.earliest == nil)
  }

  /// Against a sorted array as the model.
  @Test(arguments: 0..<50 as Range<UInt64>) func agreesWithASortedArray(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var queue = DeadlineQueue()
    let entries = (0..<40).map { _ in DeadlineQueue.Entry() }
    var model: [Int: Int] = [:]
    for _ in 0..<400 {
      let index = Int.random(in: 0..<entries.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        let at = Int.random(in: 0..<1000, using: &random)
        queue.arm(entries[index], at: time(at))
        model[index] = at
      case 2:
        queue.disarm(entries[index])
        model[index] = nil
      default:
        let now = Int.random(in: 0..<1000, using: &random)
        let popped = queue.popDue(at: time(now))?.entry
        let earliest = model.values.min()
        #expect((popped != nil) == (earliest.map { $0 <= now } ?? false))
        if let popped, let index = entries.firstIndex(where: { $0 === popped }) {
          #expect(model[index] == earliest)
          model[index] = nil
        }
      }
      #expect(queue.count == model.count)
      #expect(queue.earliest == model.values.min().map(time))
    }
  }
}

@Suite struct WriteStallTests {
  private func time(_ seconds: Int) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(Int64(seconds)) }

  @Test func progressMovesTheDeadline() {
    var stall = WriteStall()
    #expect(stall.deadline(waiting: 100, now: time(1), limit: .seconds(30)) == time(31))
    #expect(stall.deadline(waiting: 100, now: time(20), limit: .seconds(30)) == time(31))
    #expect(stall.deadline(waiting: 90, now: time(30), limit: .seconds(30)) == time(60))
    #expect(stall.deadline(waiting: 0, now: time(40), limit: .seconds(30)) == nil)
    #expect(stall.deadline(waiting: 90, now: time(50), limit: .seconds(30)) == time(80))
  }
}
