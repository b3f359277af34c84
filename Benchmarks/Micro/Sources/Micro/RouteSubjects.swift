import HTTPRule

/// The route table: with how many routes, and what is asked of it.
enum RouteSubjects {
  static var all: [Subject] {
    [5, 1000].flatMap { count in
      [
        match("route-match/\(count)-variable", routes: count, method: "GET", path: "/v1/orders/101"),
        match("route-match/\(count)-literal", routes: count, method: "POST", path: "/v1/orders"),
        match("route-match/\(count)-none", routes: count, method: "GET", path: "/v2/nothing/here"),
      ]
    }
  }

  static var growth: [Subject] {
    [10, 100, 1000, 10_000].map {
      match("route-match/\($0)-routes", routes: $0, method: "GET", path: "/v1/orders/101")
    }
  }

  private static func match(_ name: String, routes count: Int, method: String, path: String) -> Subject {
    let path = Array(path.utf8)
    return Subject(name, bytes: path.count, sample: 5000) {
      let table = try table(count)
      return { count in
        for _ in 0..<count { keep(table.match(method: method, path: path.span.bytes)) }
      }
    }
  }

  /// The five routes of the order service and as many of other services as are asked for.
  private static func table(_ count: Int) throws -> RouteTable<Int> {
    var rules: [(MethodPattern, String)] = [
      (.post, "/v1/orders"), (.get, "/v1/orders/{value}"), (.get, "/v1/orders:search"),
      (.post, "/v1/orders:update"), (.post, "/v1/orders:process"),
    ]
    while rules.count < count {
      let collection = "/v1/things\(rules.count)"
      rules += [
        (.get, collection), (.post, collection), (.get, "\(collection)/{id}"), (.patch, "\(collection)/{thing.id}"),
        (.post, "\(collection)/{id}/parts/{part=**}:move"),
      ]
    }
    var builder = RouteTableBuilder<Int>()
    for (index, rule) in rules.prefix(count).enumerated() {
      try builder.add(rule.0, PathTemplate(parsing: rule.1), source: "rule \(index)", target: index)
    }
    return builder.build()
  }
}
