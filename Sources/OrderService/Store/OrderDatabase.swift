import Foundation
import GRDB

/// Opens the SQLite database of the orders, makes its tables, and knows their statements.
///
///     orders       row, id (unique, compared bytewise), items (searched text or NULL), message
///     order_index  FTS5, trigrams of `items`, case-sensitive, without positions; content in `orders`
///
/// The write-ahead log is synced before a commit returns (`synchronous = FULL`), so an acknowledged
/// order outlives the process and the power.
enum OrderDatabase {
  /// Each connection's page cache, in KiB; the pool has one writer and up to five readers.
  static let cacheKibibytes = 4096

  static func open(_ location: OrderDatabaseLocation) throws(OrderServerError) -> any DatabaseWriter {
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(5)
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
      }
      let writer: any DatabaseWriter
      switch location {
      case .memory:
        writer = try DatabaseQueue(configuration: configuration)
      case .file(let path):
        try makeParentDirectory(of: path)
        writer = try DatabasePool(path: path, configuration: configuration)
        try writer.writeWithoutTransaction { database in
          try database.execute(sql: "PRAGMA synchronous = FULL")
        }
      }
      try migrator.migrate(writer)
      return writer
    } catch {
      throw .cannotOpenDatabase(location, reason: reason(of: error))
    }
  }

  private static func makeParentDirectory(of path: String) throws {
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("orders") { database in
      try database.execute(
        sql: """
          CREATE TABLE orders (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            items TEXT,
            message BLOB NOT NULL
          );
          CREATE VIRTUAL TABLE order_index USING fts5 (
            items, content = 'orders', content_rowid = 'row',
            tokenize = 'trigram case_sensitive 1', detail = 'none', columnsize = 0
          );
          """)
    }
    return migrator
  }

  private static func reason(of error: any Error) -> String {
    switch error {
    case let error as DatabaseError:
      return error.message ?? "SQLite error \(error.resultCode.rawValue)"
    case let error as CocoaError:
      if let underlying = error.underlying as? POSIXError {
        return SystemErrorText.of(underlying.code.rawValue)
      }
      return error.localizedDescription
    default:
      return error.localizedDescription
    }
  }
}

/// Where the orders are kept.
public enum OrderDatabaseLocation: Sendable, Equatable, CustomStringConvertible {
  case file(path: String)
  /// Kept in this process alone, and gone with it.
  case memory

  public var description: String {
    switch self {
    case .file(let path): path
    case .memory: ":memory:"
    }
  }
}
