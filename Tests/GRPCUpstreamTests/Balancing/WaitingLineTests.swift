import NIOCore
import Testing

@testable import GRPCUpstream

@Suite struct WaitingLineTests {
  private final class Waiter {}

  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private let waiters = (0..<4).map { _ in Waiter() }

  private func moment(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  /// Each waits for so many seconds.
  private func line(_ seconds: [Int64], maximum: Int = 4) -> WaitingLine<Waiter> {
    var line = WaitingLine<Waiter>(maximum: maximum)
    for (waiter, seconds) in zip(waiters, seconds) { #expect(line.join(waiter, until: moment(seconds)) == true) }
    return line
  }

  private func names(_ found: [Waiter]) -> [Int] {
    found.map { one in waiters.firstIndex { $0 === one } ?? -1 }
  }

  @Test func anEmptyLineWakesNobody() {
    var line = line([])
    #expect(line.isEmpty)
    #expect(line.first == nil)
    #expect(line.wakes == nil)
    line.shorten(to: start)
    #expect(line.wakes == nil)
    #expect(line.takeLate(at: .distantFuture).isEmpty)
    #expect(line.takeAll().isEmpty)
  }

  @Test func itHoldsSoManyAndNoMore() {
    var line = line([1, 1], maximum: 2)
    #expect(line.join(waiters[2], until: start) == false)
    #expect(line.count == 2)
    // One that did not get in wakes nobody.
    #expect(line.wakes == moment(1))
    line.leave(waiters[0])
    #expect(line.join(waiters[2], until: moment(3)) == true)
    #expect(names(line.takeAll()) == [1, 2])
  }

  @Test func theFirstIsWhoHasWaitedLongestHoweverLongThatOneMay() {
    var line = line([9, 2])
    #expect(line.first === waiters[0])
    #expect(line.firstUntil == moment(9))
    line.leave(waiters[0])
    #expect(line.first === waiters[1])
    #expect(line.firstUntil == moment(2))
  }

  @Test(arguments: [([3, 5, 4], 3), ([5, 3, 4], 3), ([5, 4, 3], 3)] as [([Int64], Int64)])
  func itWakesForTheFirstWhoseTimeIsOver(seconds: [Int64], first: Int64) {
    #expect(line(seconds).wakes == moment(first))
  }

  @Test func onlyThoseWhoseTimeIsOverAreTaken() {
    var line = line([3, 1, 4, 1])
    #expect(line.takeLate(at: moment(1) - .nanoseconds(1)).isEmpty)
    #expect(names(line.takeLate(at: moment(1))) == [1, 3])
    #expect(line.wakes == moment(3))
    #expect(names(line.takeLate(at: moment(9))) == [0, 2])
    #expect(line.wakes == nil)
  }

  @Test func whoLeavesCostsALookAtMost() {
    var line = line([1, 5])
    line.leave(waiters[0])
    #expect(line.wakes == moment(1))
    #expect(line.takeLate(at: moment(1)).isEmpty)
    #expect(line.wakes == moment(5))
    line.leave(waiters[1])
    #expect(line.wakes == nil)
  }

  @Test func whoIsNotThereCannotLeave() {
    var line = line([1, 2])
    line.leave(waiters[3])
    line.leave(waiters[0])
    line.leave(waiters[0])
    #expect(names(line.takeAll()) == [1])
  }

  @Test func shorteningLetsNobodyWaitLonger() {
    var line = line([1, 5, 3])
    line.shorten(to: moment(3))
    #expect(line.wakes == moment(1))
    #expect(names(line.takeLate(at: moment(2))) == [0])
    #expect(names(line.takeLate(at: moment(3))) == [1, 2])
    var other = self.line([5])
    other.shorten(to: moment(2))
    #expect(other.wakes == moment(2))
    #expect(other.firstUntil == moment(2))
  }

  @Test func everybodyIsTakenInOrder() {
    var line = line([4, 3, 2, 1])
    #expect(names(line.takeAll()) == [0, 1, 2, 3])
    #expect(line.isEmpty)
    #expect(line.wakes == nil)
  }
}
