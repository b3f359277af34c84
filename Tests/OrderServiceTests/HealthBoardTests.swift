import Testing

@testable import OrderService

@Suite struct HealthBoardTests {
  private func all(_ statuses: AsyncStream<HealthBoard.ServingStatus>) async -> [HealthBoard.ServingStatus] {
    await statuses.reduce(into: []) { $0.append($1) }
  }

  @Test func servesUntilItDrains() async {
    let board = HealthBoard(services: ["a"])
    #expect(board.status(of: "") == .serving)
    #expect(board.status(of: "a") == .serving)
    #expect(board.status(of: "b") == nil)
    #expect(board.statuses == ["": .serving, "a": .serving])
    board.drain()
    #expect(board.statuses == ["": .notServing, "a": .notServing])
    #expect(await all(board.watch("a").statuses) == [.notServing])
    #expect(await all(board.watch("b").statuses) == [.serviceUnknown])
  }

  @Test func aWatcherThatGoesIsForgotten() async {
    let board = HealthBoard(services: ["a"])
    let (first, statuses) = board.watch("a")
    let (second, _) = board.watch("a")
    #expect(first != second)
    board.stopWatching(first)
    #expect(await all(statuses) == [.serving])
  }
}
