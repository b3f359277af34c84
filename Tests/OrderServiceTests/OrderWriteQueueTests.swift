import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import OrderService

@Suite struct OrderWriteQueueTests {
  /// Counts commits of one connection.
  private final class CommitCounter: TransactionObserver, Sendable {
    let count = Mutex(0)

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { count.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
  }

  @Test func everythingThatWaitsSharesOneTransaction() async throws {
    let database = try OrderDatabase.open(.memory)
    let commits = CommitCounter()
    database.add(transactionObserver: commits, extent: .databaseLifetime)
    let queue = OrderWriteQueue(writer: database)
    let gate = DispatchSemaphore(value: 0)
    database.asyncWriteWithoutTransaction { _ in gate.wait() }

    let submissions = (0..<50).map { _ in OrderSubmission(queue: queue) }
    for (index, submission) in submissions.enumerated() {
      try await submission.add(order("\(index)"))
    }
    gate.signal()
    for submission in submissions { try await submission.finish() }
    #expect(commits.count.withLock { $0 } == 1)
    let stored = try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM orders") }
    #expect(stored == 50)
  }

  @Test func aFailureReachesEveryoneOfTheTransactionAndNoOneAfter() async throws {
    let database = try OrderDatabase.open(.memory)
    try await database.write { try $0.execute(sql: "ALTER TABLE orders RENAME TO hidden") }
    let queue = OrderWriteQueue(writer: database)
    for _ in 0..<2 {
      let submission = OrderSubmission(queue: queue)
      try await submission.add(order("1"))
      await #expect(throws: DatabaseError.self) { try await submission.finish() }
      await #expect(throws: DatabaseError.self) { try await submission.add(order("2")) }
    }
    try await database.write { try $0.execute(sql: "ALTER TABLE hidden RENAME TO orders") }
    let submission = OrderSubmission(queue: queue)
    try await submission.add(order("3"))
    try await submission.finish()
  }

  /// A sender that is faster than the disk waits with a bounded number of bytes in memory.
  @Test func addReturnsOnlyWhileLittleIsUnwritten() async throws {
    let database = try OrderDatabase.open(.memory)
    let submission = OrderSubmission(queue: OrderWriteQueue(writer: database))
    let item = String(repeating: "x", count: OrderSubmission.maximumWaitingBytes / 5)
    for index in 0..<50 {
      try await submission.add(order("\(index)", items: [item]))
      #expect(submission.waitingBytes <= OrderSubmission.maximumWaitingBytes)
    }
    try await submission.finish()
    #expect(submission.waitingBytes == 0)
  }

  @Test func aFileIsSyncedAtEachCommit() async throws {
    try await withTemporaryDirectory { directory in
      let database = try OrderDatabase.open(.file(path: directory + "/orders.db"))
      let (journal, synchronous) = try await database.writeWithoutTransaction { database in
        (
          try String.fetchOne(database, sql: "PRAGMA journal_mode"),
          try Int.fetchOne(database, sql: "PRAGMA synchronous")
        )
      }
      #expect(journal == "wal")
      #expect(synchronous == 2)
      try database.close()
    }
  }
}
