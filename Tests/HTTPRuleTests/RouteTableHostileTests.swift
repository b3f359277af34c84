import HTTPRule
import Testing

/// Paths and templates made to be slow: everything here has to end at once.
@Suite(.timeLimit(.minutes(1))) struct RouteTableHostileTests {
  /// Every combination of `a` and `*` over ten segments, none of which accepts the last segment of the path.
  @Test func backtrackingIsBoundedByTheTable() throws {
    var builder = RouteTableBuilder<Int>()
    for bits in 0..<1024 {
      let text = (0..<10).map { bits >> $0 & 1 == 0 ? "/a" : "/*" }.joined()
      try builder.add(.get, PathTemplate(parsing: text + "/z"), source: "", target: bits)
      try builder.add(.post, PathTemplate(parsing: text + "/**:go"), source: "", target: bits)
    }
    let table = builder.build()
    let miss = Array((String(repeating: "/a", count: 10) + "/y:go").utf8)
    for _ in 0..<200 {
      guard case .methodNotAllowed(["OPTIONS", "POST"]) = table.match(method: "GET", path: miss.span.bytes) else {
        Issue.record("405 expected")
        return
      }
    }
  }

  @Test func longPathsAreScannedOnce() throws {
    let table = try RouteTableTests.table(RouteTableTests.orders + ["GET /f/{x=**}", "PUT /f/{x=**}:go"])
    let many = Array(("/f" + String(repeating: "/a", count: 4095) + ":go").utf8)
    let long = Array(("/f/" + String(repeating: "%61", count: 2700)).utf8)
    let colons = Array(("/v1/orders/" + String(repeating: ":", count: 8192)).utf8)
    let slashes = Array(String(repeating: "/", count: 8192).utf8)
    for _ in 0..<500 {
      guard case .matched(_, let all) = table.match(method: "PUT", path: many.span.bytes),
        case .matched(_, let one) = table.match(method: "GET", path: long.span.bytes),
        case .matched(_, let colon) = table.match(method: "GET", path: colons.span.bytes),
        case .notFound = table.match(method: "GET", path: slashes.span.bytes)
      else {
        Issue.record("a match was expected")
        return
      }
      #expect(all[0].range == 3..<many.count - 3)
      #expect(one[0].decoded(in: long.span.bytes).count == 2700)
      #expect(colon[0].range == 11..<colons.count)
    }
  }

  @Test func anyBytesAreAnswered() throws {
    let table = try RouteTableTests.table(
      RouteTableTests.orders + ["GET /{a=x/*}/**", "* /{b=**}:go", "GET /v1/{c}/{d}:go"])
    var random = SeededGenerator(seed: 3)
    let alphabet = Array("//::%%aAxvgo1*2F{}\u{0}é".utf8) + [0xFF, 0xC0]
    for _ in 0..<100_000 {
      let path =
        [UInt8(ascii: "/")]
        + (0..<Int.random(in: 0...16, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      guard case .matched(_, let variables) = table.match(method: "GET", path: path.span.bytes) else { continue }
      for variable in variables {
        #expect(variable.range.upperBound <= path.count)
        _ = variable.decoded(in: path.span.bytes)
      }
    }
  }

  /// A captured variable used with a path it was not captured from reads less, and never beyond it.
  @Test func variablesOfAnotherPathStayInBounds() throws {
    let table = try RouteTableTests.table(["GET /v1/{a}"])
    let path = Array("/v1/12345".utf8)
    guard case .matched(_, let variables) = table.match(method: "GET", path: path.span.bytes) else {
      Issue.record("a match was expected")
      return
    }
    #expect(variables[0].decoded(in: Array("/v1/1".utf8).span.bytes) == Array("1".utf8))
    #expect(variables[0].decoded(in: Array("/".utf8).span.bytes).isEmpty)
  }
}
