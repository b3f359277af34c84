import HTTPRule
import Testing

@Suite struct RouteTableTests {
  /// Routes written as `GET /v1/{a}`; the target is the text itself.
  static func table(_ routes: [String], fullyDecoding: Bool = false) throws -> RouteTable<String> {
    var builder = RouteTableBuilder<String>()
    builder.fullyDecodesReservedExpansion = fullyDecoding
    for (index, route) in routes.enumerated() {
      let parts = route.split(separator: " ", maxSplits: 1).map(String.init)
      let method = try #require(MethodPattern(custom: parts[0]))
      try builder.add(method, PathTemplate(parsing: parts[1]), source: "rules.yaml:\(index + 1)", target: route)
    }
    return builder.build()
  }

  /// `route | value | value`, `405 GET,HEAD`, `404` or `400 offset`.
  static func answer(_ table: RouteTable<String>, _ method: String, _ path: String) -> String {
    let bytes = Array(path.utf8)
    switch table.match(method: method, path: bytes.span.bytes) {
    case .matched(let target, let variables):
      let values = variables.map { String(decoding: $0.decoded(in: bytes.span.bytes), as: UTF8.self) }
      return ([target] + values).joined(separator: " | ")
    case .methodNotAllowed(let allow): return "405 " + allow.joined(separator: ",")
    case .notFound: return "404"
    case .malformed(let error): return "400 \(error.offset)"
    }
  }

  static let orders = [
    "POST /v1/orders", "GET /v1/orders/{value}", "GET /v1/orders:search", "POST /v1/orders:update",
    "POST /v1/orders:process", "POST /v1/orders/{id}:cancel", "POST /order.OrderManagement/getOrder",
  ]

  @Test(arguments: [
    ("POST", "/v1/orders", "POST /v1/orders"),
    ("GET", "/v1/orders/101", "GET /v1/orders/{value} | 101"),
    ("HEAD", "/v1/orders/101", "GET /v1/orders/{value} | 101"),
    ("GET", "/v1/orders:search", "GET /v1/orders:search"),
    ("POST", "/v1/orders:update", "POST /v1/orders:update"),
    ("POST", "/order.OrderManagement/getOrder", "POST /order.OrderManagement/getOrder"),
    ("POST", "/v1/orders/101:cancel", "POST /v1/orders/{id}:cancel | 101"),
    ("POST", "/v1/orders/a:b:cancel", "POST /v1/orders/{id}:cancel | a:b"),
    ("GET", "/v1/orders/a:b", "GET /v1/orders/{value} | a:b"),
    ("GET", "/v1/orders/101:cancel", "GET /v1/orders/{value} | 101:cancel"),
    ("GET", "/v1/orders/101:search", "GET /v1/orders/{value} | 101:search"),
    ("GET", "/v1/orders/101%3Acancel", "GET /v1/orders/{value} | 101:cancel"),
    ("POST", "/v1/orders/101%3Acancel", "405 GET,HEAD,OPTIONS"),
    ("POST", "/v1/orders/101:c%61ncel", "POST /v1/orders/{id}:cancel | 101"),
    ("GET", "/v1/orders/a%2Fb%20c", "GET /v1/orders/{value} | a/b c"),
    ("GET", "/v1/orders/%25%32%46", "GET /v1/orders/{value} | %2F"),
    ("GET", "/v1/%6Frders/1", "GET /v1/orders/{value} | 1"),
    ("GET", "/v1/orders/..", "GET /v1/orders/{value} | .."),
    ("DELETE", "/v1/orders/101", "405 GET,HEAD,OPTIONS"),
    ("DELETE", "/v1/orders/101:cancel", "405 GET,HEAD,OPTIONS,POST"),
    ("OPTIONS", "/v1/orders", "405 OPTIONS,POST"),
    ("get", "/v1/orders/101", "405 GET,HEAD,OPTIONS"),
    ("GET", "/v1/orders:unknown", "404"),
    ("GET", "/v1/orders/", "404"),
    ("GET", "/v1/orders//", "404"),
    ("POST", "/v1/orders/", "404"),
    ("POST", "/v1/orders/:cancel", "405 GET,HEAD,OPTIONS"),
    ("GET", "/v1/orders/1/", "404"),
    ("GET", "/v1/orders/1/2", "404"),
    ("GET", "/V1/orders/1", "404"),
    ("GET", "//v1/orders/1", "404"),
    ("GET", "/", "404"),
    ("GET", "", "404"),
    ("GET", "*", "404"),
    ("GET", "v1/orders/1", "404"),
    ("GET", "/v1/orders/%", "400 11"),
    ("GET", "/v1/orders/%4", "400 11"),
    ("GET", "/v1/orders/%zz", "400 11"),
    ("GET", "/v1/orders/a%2", "400 12"),
    ("GET", "/nowhere/%g0", "400 9"),
    ("GET", "/1/2/3/4/5/6/7/%0", "400 15"),
    ("POST", "/v1/orders/1:%zz", "400 13"),
  ])
  func orderRoutes(_ method: String, _ path: String, _ expected: String) throws {
    #expect(try Self.answer(Self.table(Self.orders), method, path) == expected)
  }

  struct Vector: Sendable, CustomTestStringConvertible {
    let routes: [String]
    let method: String
    let path: String
    let expected: String
    var testDescription: String { "\(method) \(path) among \(routes)" }

    init(_ routes: [String], _ method: String, _ path: String, _ expected: String) {
      self.routes = routes
      self.method = method
      self.path = path
      self.expected = expected
    }
  }

  static let precedence: [Vector] = {
    let kinds = ["GET /a/b", "GET /a/*", "GET /a/**"]
    let back = ["GET /a/b/c", "GET /*/b/d", "GET /{x=**}"]
    let methods = ["GET /a/b", "POST /a/{x}", "PUT /a/{y=**}", "* /{any=**}"]
    let verbs = ["POST /{x=**}:go", "GET /a/{id}", "GET /a/{id}:go"]
    let any = ["* /a", "GET /a", "HEAD /b", "GET /b", "* /c", "LOCK /c", "GET /d"]
    return [
      .init(kinds, "GET", "/a/b", "GET /a/b"),
      .init(kinds, "GET", "/a/c", "GET /a/*"),
      .init(kinds, "GET", "/a/b/c", "GET /a/**"),
      .init(kinds, "GET", "/a", "GET /a/**"),
      .init(kinds, "GET", "/a/", "GET /a/**"),
      .init(kinds, "GET", "/a//", "GET /a/**"),
      .init(kinds, "GET", "/", "404"),
      .init(back, "GET", "/a/b/c", "GET /a/b/c"),
      .init(back, "GET", "/a/b/d", "GET /*/b/d"),
      .init(back, "GET", "/a/b/e", "GET /{x=**} | a/b/e"),
      .init(back, "GET", "/", "GET /{x=**} | "),
      .init(back, "GET", "//x", "GET /{x=**} | /x"),
      .init(methods, "GET", "/a/b", "GET /a/b"),
      .init(methods, "POST", "/a/b", "POST /a/{x} | b"),
      .init(methods, "PUT", "/a/b", "PUT /a/{y=**} | b"),
      .init(methods, "HEAD", "/a/b", "GET /a/b"),
      .init(methods, "TRACE", "/a/b", "* /{any=**} | a/b"),
      .init(methods, "OPTIONS", "/a/b", "* /{any=**} | a/b"),
      .init(Array(methods.dropLast()), "DELETE", "/a/b", "405 GET,HEAD,OPTIONS,POST,PUT"),
      .init(Array(methods.dropLast()), "DELETE", "/a/b/c", "405 OPTIONS,PUT"),
      .init(verbs, "POST", "/a/1:go", "POST /{x=**}:go | a/1"),
      .init(verbs, "GET", "/a/1:go", "GET /a/{id}:go | 1"),
      .init(verbs, "POST", "/:go", "POST /{x=**}:go | "),
      .init(verbs, "POST", "/a/b/c/d/e:go", "POST /{x=**}:go | a/b/c/d/e"),
      .init(verbs, "DELETE", "/a/1:go", "405 GET,HEAD,OPTIONS,POST"),
      .init(verbs, "GET", "/a/1:gone", "GET /a/{id} | 1:gone"),
      .init(any, "GET", "/a", "GET /a"),
      .init(any, "HEAD", "/a", "GET /a"),
      .init(any, "PURGE", "/a", "* /a"),
      .init(any, "HEAD", "/b", "HEAD /b"),
      .init(any, "LOCK", "/c", "LOCK /c"),
      .init(any, "UNLOCK", "/c", "* /c"),
      .init(any, "*", "/c", "* /c"),
      .init(any, "*", "/d", "405 GET,HEAD,OPTIONS"),
      .init(["GET /"], "GET", "/", "GET /"),
      .init(["GET /"], "GET", "//", "404"),
      .init(["GET /*"], "GET", "/", "404"),
      .init(["GET /v1/**:x"], "GET", "/v1:x", "GET /v1/**:x"),
      .init(["GET /a:b/c"], "GET", "/a:b/c", "GET /a:b/c"),
      .init(["GET /a:b/c"], "GET", "/a%3Ab/c", "GET /a:b/c"),
      .init(["GET /a%3Ab"], "GET", "/a:b", "GET /a%3Ab"),
      .init(["GET /{v=x:y}", "GET /z:y"], "GET", "/x:y", "GET /{v=x:y} | x:y"),
      .init(["GET /caf%C3%A9/{x}"], "GET", "/café/1", "GET /caf%C3%A9/{x} | 1"),
      .init(["GET /caf%C3%A9/{x}"], "GET", "/caf%c3%a9/1", "GET /caf%C3%A9/{x} | 1"),
      .init(["GET /{a=x/*}/{b}/z/{c=**}"], "GET", "/x/1/2/z/3/4", "GET /{a=x/*}/{b}/z/{c=**} | x/1 | 2 | 3/4"),
      .init(["GET /{a=x/*}/{b}/z/{c=**}"], "GET", "/x/1/2/z", "GET /{a=x/*}/{b}/z/{c=**} | x/1 | 2 | "),
      .init(["GET /{a.b=x/*/y/**}"], "GET", "/x/1/y/2/3", "GET /{a.b=x/*/y/**} | x/1/y/2/3"),
      .init(["GET /{a.b=x/*/y/**}"], "GET", "/x/1/y", "GET /{a.b=x/*/y/**} | x/1/y"),
      .init(["GET /{a.b=x/*/y/**}"], "GET", "/x/1/y/", "GET /{a.b=x/*/y/**} | x/1/y/"),
      .init(["GET /{a.b=x/*/y/**}"], "GET", "/x//y/1", "404"),
    ]
  }()

  /// What those who come from Envoy's transcoder are used to, where `http.proto` leaves room.
  static let verbs: [Vector] = {
    let people = ["GET /person", "GET /person/{id=*}", "GET /{x=**}:verb"]
    let both = ["GET /{a=**}:verb", "GET /{a=**}"]
    let some = ["GET /some/const:verb", "GET /some/*:verb", "GET /some/*/foo:verb", "GET /other/**:verb"]
    return [
      .init(people, "GET", "/person:verb", "GET /{x=**}:verb | person"),
      .init(people, "GET", "/person/jason:verb", "GET /{x=**}:verb | person/jason"),
      .init(people, "GET", "/animal/cat:verb", "GET /{x=**}:verb | animal/cat"),
      .init(people, "GET", "/person/jason:other", "GET /person/{id=*} | jason:other"),
      .init(people, "GET", "/person:other", "404"),
      .init(people, "GET", "/animal/cat", "404"),
      .init(both, "GET", "/some:verb/const:verb", "GET /{a=**}:verb | some:verb/const"),
      .init(both, "GET", "/some:verb/const", "GET /{a=**} | some:verb/const"),
      .init(both, "GET", "/some:verb2/const:verb2", "GET /{a=**} | some:verb2/const:verb2"),
      .init(some, "GET", "/some/const:verb", "GET /some/const:verb"),
      .init(some, "GET", "/some/other:verb", "GET /some/*:verb"),
      .init(some, "GET", "/some/other:verb/", "404"),
      .init(some, "GET", "/some/bar/foo:verb", "GET /some/*/foo:verb"),
      .init(some, "GET", "/some/foo/bar:verb", "404"),
      .init(some, "GET", "/other/bar/foo:verb", "GET /other/**:verb"),
      .init(
        ["GET /{a=*}/{b=*}:verb"], "GET", "/some:verb/const:verb", "GET /{a=*}/{b=*}:verb | some:verb | const"),
      .init(["GET /foo/*/hello"], "GET", "/foo/other:verb/hello", "GET /foo/*/hello"),
      .init(
        ["GET /a/{x=*}/{y=**}"], "GET", "/a/%21%2F%3A%3F/%21%23%24%26%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D",
        "GET /a/{x=*}/{y=**} | !/:? | !#$&*+,%2F:;=?@[]"),
    ]
  }()

  @Test(arguments: verbs)
  func verbsAreTheLastColonsOnly(_ vector: Vector) throws {
    #expect(try Self.answer(Self.table(vector.routes), vector.method, vector.path) == vector.expected)
  }

  @Test func everyByteCanBeEscaped() throws {
    let table = try Self.table(["GET /{x}"])
    for byte in UInt8.min...UInt8.max {
      for isUpper in [false, true] {
        let digits = String(byte, radix: 16, uppercase: isUpper)
        let path = Array("/%\(byte < 16 ? "0" : "")\(digits)".utf8)
        guard case .matched(_, let variables) = table.match(method: "GET", path: path.span.bytes) else {
          Issue.record("no match for \(digits)")
          continue
        }
        #expect(variables.map { $0.decoded(in: path.span.bytes) } == [[byte]])
      }
    }
  }

  @Test(arguments: precedence)
  func literalBeforeWildcardBeforeDoubleWildcard(_ vector: Vector) throws {
    #expect(try Self.answer(Self.table(vector.routes), vector.method, vector.path) == vector.expected)
  }

  @Test(arguments: [
    ("/one/a%2Fb%2fc%20%41", "a/b/c A", "a/b/c A"),
    ("/some/x/a%2Fb/y/c%2fd%20e/f%2Fg", "x/a%2Fb/y/c%2fd e/f%2Fg", "x/a%2Fb/y/c/d e/f/g"),
    ("/some/%78/1/y", "x/1/y", "x/1/y"),
    ("/rest/a%2Fb/c%252F", "a%2Fb/c%2F", "a/b/c%2F"),
    ("/two/x/a%2fb", "x/a%2fb", "x/a%2fb"),
    ("/one/+", "+", "+"),
    ("/one/%00", "\0", "\0"),
    ("/one/%E2%82%AC", "€", "€"),
  ])
  func slashesInsideVariables(_ path: String, _ byDefault: String, _ fullyDecoding: String) throws {
    let routes = ["GET /one/{a}", "GET /some/{a=x/*/y/**}", "GET /rest/{a=**}", "GET /two/{a=x/*}"]
    for (isFull, expected) in [(false, byDefault), (true, fullyDecoding)] {
      let bytes = Array(path.utf8)
      guard
        case .matched(_, let variables) = try Self.table(routes, fullyDecoding: isFull)
          .match(method: "GET", path: bytes.span.bytes)
      else {
        Issue.record("no match")
        continue
      }
      #expect(variables.map { String(decoding: $0.decoded(in: bytes.span.bytes), as: UTF8.self) } == [expected])
      #expect(variables.map { $0.needsDecoding(in: bytes.span.bytes) } == [path.contains("%")])
    }
  }

  @Test func allowedMethodsIncludeThoseOfEveryTemplate() throws {
    let table = try Self.table(["GET /a/b", "POST /a/{x}", "LOCK /{y=**}", "* /z", "DELETE /a/*:go"])
    func allowed(_ path: String) -> [String] {
      let bytes = Array(path.utf8)
      return table.allowedMethods(path: bytes.span.bytes)
    }
    #expect(allowed("/a/b") == ["GET", "HEAD", "LOCK", "OPTIONS", "POST"])
    #expect(allowed("/a/c") == ["LOCK", "OPTIONS", "POST"])
    #expect(allowed("/a/c:go") == ["DELETE", "LOCK", "OPTIONS", "POST"])
    #expect(allowed("/q") == ["LOCK", "OPTIONS"])
    #expect(allowed("/z") == ["DELETE", "GET", "HEAD", "LOCK", "OPTIONS", "PATCH", "POST", "PUT"])
    #expect(try Self.table(["GET /a"]).allowedMethods(path: Array("/b".utf8).span.bytes).isEmpty)
    #expect(allowed("/%zz").isEmpty)
  }

  @Test(arguments: [
    ("GET /a/{x}", "GET /a/{y}"), ("GET /a/{x=*}", "GET /a/*"), ("GET /{a=x/*}", "GET /x/{b}"),
    ("GET /{a=**}:v", "GET /**:v"), ("* /a", "* /a"), ("GET /a%41", "GET /aA"),
  ])
  func rulesThatClashAreBothNamed(_ first: String, _ second: String) throws {
    let error = #expect(throws: RouteConflict.self) { try Self.table([first, second]) }
    let text = try #require(error?.description)
    #expect(text.contains("rules.yaml:1") && text.contains("rules.yaml:2"))
    #expect(text.contains(first.split(separator: " ")[1]) && text.contains(second.split(separator: " ")[1]))
  }

  @Test func differentMethodsAndVerbsDoNotClash() throws {
    #expect(
      try Self.table(["GET /a", "POST /a", "* /a", "get /a", "GET /a:v", "GET /a:w", "GET /a/*", "GET /a/**"])
        .routes.count == 8)
  }

  @Test func anEmptyTableFindsNothing() throws {
    #expect(try Self.answer(Self.table([]), "GET", "/") == "404")
    #expect(try Self.answer(Self.table([]), "GET", "/a/b") == "404")
    #expect(try Self.answer(Self.table([]), "GET", "/%") == "400 1")
  }

  @Test(arguments: [
    ("GET", true), ("M-SEARCH", true), ("*", true), ("", false), ("A B", false), ("GET\r\n", false), ("é", false),
    ("GET/", false),
  ])
  func customMethodsAreTokens(_ kind: String, _ isAccepted: Bool) {
    #expect((MethodPattern(custom: kind) != nil) == isAccepted)
  }
}
