import HTTPRule

/// The input is a method (up to the first space) and a raw path, looked up in a table with every kind of segment.
///
/// It is matched by at most the routes there are, with a value for each variable; a path that is matched is not
/// malformed, and `allowedMethods` knows the methods that `match` names.
enum RouteTableTarget {
  private static let templates = [
    "/v1/orders", "/v1/orders/{value}", "/v1/orders:search", "/v1/orders:update", "/v1/{name=shelves/*/books/*}:read",
    "/v1/{name=shelves/*}/books/{book}", "/v1/{path=files/**}", "/v1/*/x/*", "/v1/{a.b=**}:verb", "/", "/**",
  ]

  private static let table: RouteTable<Int> = {
    var builder = RouteTableBuilder<Int>()
    for (index, text) in templates.enumerated() {
      guard let template = try? PathTemplate(parsing: text) else { fatalError("\(text) is no template") }
      for method in index == 0 ? [MethodPattern.get, .post] : [.get] {
        do {
          try builder.add(method, template, source: text, target: template.variables.count)
        } catch {
          fatalError("\(error)")
        }
      }
    }
    return builder.build()
  }()

  static func run(_ bytes: [UInt8]) throws {
    let parts = bytes.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
    let method = String(decoding: parts[0], as: UTF8.self)
    let path = Array(parts.count > 1 ? parts[1] : [])
    switch table.match(method: method, path: path.span.bytes) {
    case .matched(let count, let variables):
      try require(variables.count == count, "\(variables.count) variables of \(count)")
    case .methodNotAllowed(let allow):
      try require(!allow.isEmpty && !allow.contains(method), "\(method) is not in \(allow)")
      try require(table.allowedMethods(path: path.span.bytes) == allow, "two answers about \(allow)")
    case .notFound:
      break
    case .malformed(let error):
      try require(path.indices.contains(error.offset), "malformed at \(error.offset)")
      try require(path[error.offset] == UInt8(ascii: "%"), "malformed where no % is")
    }
  }
}
