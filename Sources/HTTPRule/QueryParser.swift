/// Splits a query into its parameters, one per call, without copying.
///
/// `&` separates, the first `=` of a pair ends the name, empty pairs (`a=1&&b=2`) do not count
/// (WHATWG URL, `application/x-www-form-urlencoded` parsing). The parser holds only its position; the query is
/// handed in each time.
public struct QueryParser: Sendable {
  private var position = 0

  public init() {}

  /// The next parameter, nil after the last.
  public mutating func next(in query: RawSpan) -> QueryParameter? {
    query.withUnsafeBytes { bytes in
      while position < bytes.count {
        let start = position
        var nameEnd: Int?
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "&") {
          if nameEnd == nil, bytes[end] == UInt8(ascii: "=") { nameEnd = end }
          end += 1
        }
        position = end + 1
        guard end > start else { continue }
        let name = start..<(nameEnd ?? end)
        return QueryParameter(name: name, value: nameEnd.map { $0 + 1..<end } ?? end..<end)
      }
      return nil
    }
  }
}

/// A name and a value, as ranges of the query; both still encoded as `PercentDecoding.form` undoes.
public struct QueryParameter: Sendable, Hashable {
  public let name: Range<Int>
  /// Empty where the parameter has no `=`.
  public let value: Range<Int>
}
