import Foundation
import GRDB

/// The statements of one database connection, prepared once by GRDB's cache.
///
/// Texts are bound as blobs and cast: the cast keeps the bytes as they are, U+0000 included, where a
/// bound `String` would end at it.
struct OrderStatements {
  private let database: Database
  private let find: Statement
  private let insert: Statement
  private let update: Statement
  private let unindex: Statement
  private let index: Statement

  init(_ database: Database) throws {
    self.database = database
    self.find = try database.cachedStatement(
      sql: "SELECT row, items FROM orders WHERE id = CAST(? AS TEXT)")
    self.insert = try database.cachedStatement(
      sql: "INSERT INTO orders (id, items, message) VALUES (CAST(? AS TEXT), CAST(? AS TEXT), ?)")
    self.update = try database.cachedStatement(
      sql: "UPDATE orders SET items = CAST(? AS TEXT), message = ? WHERE row = ?")
    self.unindex = try database.cachedStatement(
      sql: "INSERT INTO order_index (order_index, rowid, items) VALUES ('delete', ?, CAST(? AS TEXT))")
    self.index = try database.cachedStatement(
      sql: "INSERT INTO order_index (rowid, items) VALUES (?, CAST(? AS TEXT))")
  }

  /// Inserts the order, or replaces the one that has its id.
  func put(_ order: StoredOrder) throws {
    guard let found = try Row.fetchOne(find, arguments: [order.id]) else {
      try insert.execute(arguments: [order.id, order.items, order.message])
      try addToIndex(row: database.lastInsertedRowID, items: order.items)
      return
    }
    let row: Int64 = found[0]
    let items: Data? = found[1]
    try update.execute(arguments: [order.items, order.message, row])
    guard items != order.items else { return }
    if let items {
      try unindex.execute(arguments: [row, SearchText.indexed(items)])
    }
    try addToIndex(row: row, items: order.items)
  }

  private func addToIndex(row: Int64, items: Data?) throws {
    guard let items else { return }
    try index.execute(arguments: [row, SearchText.indexed(items)])
  }
}
