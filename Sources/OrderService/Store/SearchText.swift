import Foundation

/// Gives the text under which an order's items are searched, and the query for its trigram index.
///
/// The items stand in one column, each followed by U+001F (unit separator). A query without that
/// character can therefore only match inside one item; one that holds it is checked against the
/// message itself (`OrderSearch`).
enum SearchText {
  static let separator = UInt8(0x1F)

  /// The number of trigrams of a query that are looked up; the rest is left to the exact check.
  static let maximumTrigrams = 24

  static func joined(_ items: [String]) -> Data? {
    guard !items.isEmpty else { return nil }
    var text = Data()
    text.reserveCapacity(items.reduce(items.count) { $0 + $1.utf8.count })
    for item in items {
      text.append(contentsOf: item.utf8)
      text.append(separator)
    }
    return text
  }

  /// An FTS5 expression whose matches contain every order that `query` can be found in, or `nil` when
  /// the query is too short for the index.
  ///
  /// The tokens of the index are the runs of three code points. The expression asks for the query's
  /// own runs in any order, which finds too much rather than too little: SQLite's trigram tokenizer
  /// stops at U+0000, so the index holds U+0001 in its place, and so does the expression.
  static func indexExpression(for query: String) -> String? {
    let scalars = query.unicodeScalars.map { $0 == "\u{0}" ? "\u{1}" : $0 }
    guard scalars.count >= 3 else { return nil }
    let last = scalars.count - 3
    let step = max(1, (last + maximumTrigrams) / maximumTrigrams)
    var terms: [String] = []
    for start in stride(from: 0, through: last, by: step) {
      var token = ""
      for scalar in scalars[start..<start + 3] {
        if scalar == "\"" { token.append("\"") }
        token.unicodeScalars.append(scalar)
      }
      terms.append("\"\(token)\"")
    }
    return terms.joined(separator: " AND ")
  }

  /// What the index holds for a column text: the same bytes without U+0000.
  static func indexed(_ text: Data) -> Data {
    guard text.contains(0) else { return text }
    return Data(text.map { $0 == 0 ? 1 : $0 })
  }
}
