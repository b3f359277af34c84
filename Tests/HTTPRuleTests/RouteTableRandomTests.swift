import HTTPRule
import Testing

/// The trie against a matcher that tries every route in turn and sorts what matches.
@Suite struct RouteTableRandomTests {
  struct NaiveRoute {
    let method: String
    let template: PathTemplate
    let index: Int
  }

  /// The captured segments' texts, or nil if the template does not match.
  static func matches(_ template: PathTemplate, _ segments: [String]) -> [String]? {
    var index = 0
    var spans: [Range<Int>] = []
    for segment in template.segments {
      switch segment {
      case .literal(let literal):
        guard index < segments.count, decoded(segments[index]) == literal else { return nil }
        spans.append(index..<index + 1)
        index += 1
      case .wildcard:
        guard index < segments.count, !segments[index].isEmpty else { return nil }
        spans.append(index..<index + 1)
        index += 1
      case .doubleWildcard:
        spans.append(index..<segments.count)
        index = segments.count
      }
    }
    guard index == segments.count else { return nil }
    return template.variables.map { variable in
      let first = spans[variable.segments.lowerBound].lowerBound
      let last = spans[variable.segments.upperBound - 1].upperBound
      return segments[first..<last].joined(separator: "/")
    }
  }

  static func decoded(_ text: String) -> String {
    text.replacing("%61", with: "a").replacing("%2F", with: "/")
  }

  /// 0 for a literal, 1 for `*`, 2 for `**`; the end of a template sorts before `**`.
  static func rank(_ template: PathTemplate) -> [Int] {
    template.segments.map { segment in
      switch segment {
      case .literal: 0
      case .wildcard: 1
      case .doubleWildcard: 2
      }
    } + [0]
  }

  static func naive(_ routes: [NaiveRoute], _ method: String, _ path: String) -> String {
    let raw = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var found: [(route: NaiveRoute, values: [String], order: [Int])] = []
    for route in routes {
      var segments = raw
      if let verb = route.template.verb {
        guard let last = segments.last, let colon = last.lastIndex(of: ":"),
          decoded(String(last[last.index(after: colon)...])) == verb
        else { continue }
        segments[segments.count - 1] = String(last[..<colon])
      }
      guard let values = matches(route.template, segments) else { continue }
      found.append((route, values, [route.template.verb == nil ? 1 : 0] + rank(route.template)))
    }
    found.sort { $0.order.lexicographicallyPrecedes($1.order) }
    var seen: [[Int]] = []
    for candidate in found where !seen.contains(candidate.order) {
      seen.append(candidate.order)
      let same = found.filter { $0.order == candidate.order }
      let methods = method == "HEAD" ? ["HEAD", "GET", "*"] : [method, "*"]
      for method in methods {
        if let hit = same.first(where: { $0.route.method == method }) {
          return ([String(hit.route.index)] + hit.values).joined(separator: "|")
        }
      }
    }
    guard !found.isEmpty else { return "404" }
    var allow: Set<String> = ["OPTIONS"]
    for candidate in found {
      allow.insert(candidate.route.method)
      if candidate.route.method == "GET" { allow.insert("HEAD") }
    }
    return "405 " + allow.sorted().joined(separator: ",")
  }

  @Test(arguments: 0..<40)
  func agreesWithTryingEveryRoute(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let parts = ["a", "b", "c", "*", "*", "a:b", "a%2Fb"]
    var builder = RouteTableBuilder<Int>()
    var routes: [NaiveRoute] = []
    for _ in 0..<Int.random(in: 1...60, using: &random) {
      var text = ""
      var variable = 0
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let part = parts.randomElement(using: &random) ?? "a"
        variable += 1
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text += "/{v\(variable)=\(part)}"
        case 1: text += "/{v\(variable)=\(part)/*}"
        default: text += "/" + part
        }
      }
      if Int.random(in: 0..<4, using: &random) == 0 { text += Bool.random(using: &random) ? "/**" : "/{w=**}" }
      if Int.random(in: 0..<3, using: &random) == 0 { text += Bool.random(using: &random) ? ":b" : ":a" }
      let method = ["GET", "POST", "PUT", "*"].randomElement(using: &random) ?? "GET"
      let template = try PathTemplate(parsing: text)
      guard
        (try? builder.add(#require(MethodPattern(custom: method)), template, source: text, target: routes.count)) != nil
      else { continue }
      routes.append(NaiveRoute(method: method, template: template, index: routes.count))
    }
    let table = builder.build()
    let pieces = ["a", "b", "c", "d", "", "a:b", "c:a", ":b", "%61", "a%2Fb", "b:%61", "a:b:a"]
    for _ in 0..<600 {
      let count = Int.random(in: 1...6, using: &random)
      let path = (0..<count).map { _ in "/" + (pieces.randomElement(using: &random) ?? "") }.joined()
      let method = ["GET", "HEAD", "POST", "DELETE"].randomElement(using: &random) ?? "GET"
      let bytes = Array(path.utf8)
      let answer: String
      switch table.match(method: method, path: bytes.span.bytes) {
      case .matched(let index, let variables):
        let values = variables.map { String(decoding: bytes[$0.range], as: UTF8.self) }
        answer = ([String(index)] + values).joined(separator: "|")
      case .methodNotAllowed(let allow): answer = "405 " + allow.joined(separator: ",")
      case .notFound: answer = "404"
      case .malformed: answer = "400"
      }
      #expect(answer == Self.naive(routes, method, path), "\(method) \(path)")
    }
  }
}
