import Foundation
import GRDB
import OrderAPI
import SwiftProtobuf

/// Finds the orders one of whose items contains a query, ordered by id, a page at a time.
///
/// No transaction stays open between two pages, so a reader that stalls holds nothing but the page
/// it has; an order that is replaced meanwhile is seen as it is when its page is read.
///
/// Where few orders match, their ids are taken from the trigram index, and pages are read by id.
/// Where more than `maximumCandidates` could match (or their ids are very long), or the query is too short for the index, orders
/// are read in the order of their ids from the last one on: with that many matches the reading is
/// seldom in vain. Either way the item texts are compared byte by byte, as Go's `strings.Contains`.
struct OrderSearch: Sendable {
  static let maximumCandidates = 10_000
  static let maximumCandidateBytes = 1 << 20
  /// Orders in one page, and the bytes after which a page is not continued.
  static let maximumPageOrders = 256
  static let maximumPageBytes = 128 << 10
  /// Orders looked at for one page; the page may then be empty.
  static let maximumVisits = 4096

  /// Where the next page begins.
  enum Position: Sendable, Equatable {
    case start
    /// In the order of ids, after this one; `nil`: from the first.
    case scan(after: Data?)
    /// In the ids the index gave, from this one on.
    case candidates([Data], next: Int)
    case end
  }

  struct Page: Sendable {
    var messages: [Data] = []
    var next: Position
  }

  /// Bound as a blob; SQLite takes an empty one for NULL, hence `ifnull` where it is used.
  private let queryBytes: Data
  private let indexExpression: String?
  private let spansItems: Bool
  private let reader: any DatabaseReader

  init(query: String, reader: any DatabaseReader) {
    self.queryBytes = Data(query.utf8)
    self.indexExpression = SearchText.indexExpression(for: query)
    self.spansItems = queryBytes.contains(SearchText.separator)
    self.reader = reader
  }

  func page(at position: Position) async throws -> Page {
    try await reader.unsafeRead { database in
      switch position {
      case .start: try page(at: firstPosition(database), database)
      default: try page(at: position, database)
      }
    }
  }

  private func page(at position: Position, _ database: Database) throws -> Page {
    switch position {
    case .start, .end: Page(next: .end)
    case .scan(let id): try scan(after: id, database)
    case .candidates(let ids, let next): try read(candidates: ids, from: next, database)
    }
  }

  private func firstPosition(_ database: Database) throws -> Position {
    guard let indexExpression else { return .scan(after: nil) }
    let found = try Data.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT orders.id FROM order_index JOIN orders ON orders.row = order_index.rowid
          WHERE order_index MATCH ?
          """),
      arguments: [indexExpression])
    var ids: [Data] = []
    var bytes = 0
    while let id = try found.next() {
      ids.append(id)
      bytes += id.count
      if ids.count > Self.maximumCandidates || bytes > Self.maximumCandidateBytes { return .scan(after: nil) }
    }
    return .candidates(ids.sorted { $0.lexicographicallyPrecedes($1) }, next: 0)
  }

  private func scan(after id: Data?, _ database: Database) throws -> Page {
    let statement = try database.cachedStatement(
      sql: """
        SELECT id, instr(items, CAST(ifnull(?, x'') AS TEXT)) > 0, message FROM orders
        \(id == nil ? "" : "WHERE id > CAST(? AS TEXT)") ORDER BY id LIMIT \(Self.maximumVisits)
        """)
    let rows = try Row.fetchCursor(statement, arguments: id.map { [queryBytes, $0] } ?? [queryBytes])
    var page = Page(next: .end)
    var visits = 0
    var bytes = 0
    while let row = try rows.next() {
      visits += 1
      if (row[1] as Bool?) == true, let message = try found(row[2]) {
        page.messages.append(message)
        bytes += message.count
      }
      if visits == Self.maximumVisits || isFull(page, bytes) {
        page.next = .scan(after: row[0])
        break
      }
    }
    return page
  }

  private func read(candidates ids: [Data], from start: Int, _ database: Database) throws -> Page {
    let statement = try database.cachedStatement(
      sql: """
        SELECT message FROM orders
        WHERE id = CAST(? AS TEXT) AND instr(items, CAST(? AS TEXT)) > 0
        """)
    var page = Page(next: .end)
    var bytes = 0
    for index in start..<ids.count {
      if let stored = try Data.fetchOne(statement, arguments: [ids[index], queryBytes]),
        let message = try found(stored)
      {
        page.messages.append(message)
        bytes += message.count
      }
      if isFull(page, bytes), index + 1 < ids.count {
        page.next = .candidates(ids, next: index + 1)
        break
      }
    }
    return page
  }

  private func isFull(_ page: Page, _ bytes: Int) -> Bool {
    page.messages.count >= Self.maximumPageOrders || bytes >= Self.maximumPageBytes
  }

  /// The message, if the query is found within one of its items.
  ///
  /// That is certain already, except where the query holds the character that separates the items.
  private func found(_ message: Data) throws -> Data? {
    guard spansItems else { return message }
    let order = try Order_Order(serializedBytes: message)
    return order.items.contains { Data($0.utf8).range(of: queryBytes) != nil } ? message : nil
  }
}
