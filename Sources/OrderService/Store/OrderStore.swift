import Foundation
import GRDB

/// Keeps orders by id in SQLite.
///
/// One writer commits, any number of readers read beside it (WAL). What a write acknowledges is on
/// disk. Errors are GRDB's `DatabaseError`.
final class OrderStore: Sendable {
  private let database: any DatabaseWriter
  private let writes: OrderWriteQueue

  init(_ location: OrderDatabaseLocation) throws(OrderServerError) {
    self.database = try OrderDatabase.open(location)
    self.writes = OrderWriteQueue(writer: database)
  }

  /// The serialized `order.Order` with this id.
  func message(id: String) async throws -> Data? {
    let id = Data(id.utf8)
    return try await database.unsafeRead { database in
      try Data.fetchOne(
        database.cachedStatement(sql: "SELECT message FROM orders WHERE id = CAST(? AS TEXT)"),
        arguments: [id])
    }
  }

  /// Inserts or replaces one order; returns after its commit.
  func put(_ order: StoredOrder) async throws {
    let submission = submission()
    try await submission.add(order)
    try await submission.finish()
  }

  /// A way to insert or replace many orders, each as it comes.
  func submission() -> OrderSubmission {
    OrderSubmission(queue: writes)
  }

  /// The orders with an item that contains the query; all orders that have an item, if it is empty.
  func search(_ query: String) -> OrderSearch {
    OrderSearch(query: query, reader: database)
  }

  /// Takes the log into the database file, and closes it, after the writes that are under way.
  func close() throws {
    try database.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    try database.close()
  }
}
