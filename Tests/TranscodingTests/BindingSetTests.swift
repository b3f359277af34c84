import HTTPRule
import ProtobufSchema
import Testing
import Transcoding

@Suite struct BindingSetTests {
  @Test func ordersHaveTheirRoutes() throws {
    let set = try BindingSet(
      schema: BindingSamples.orderSchema(), configurations: [BindingSamples.orderConfiguration()])
    let routes = set.routes.map { "\($0.method) \($0.path) \($0.rpc) \($0.mode)" }
    #expect(
      routes == [
        "POST /v1/orders order.OrderManagement.addOrder unary",
        "GET /v1/orders/{value} order.OrderManagement.getOrder unary",
        "GET /v1/orders:search order.OrderManagement.searchOrders server stream",
        "POST /v1/orders:update order.OrderManagement.updateOrders client stream",
        "POST /v1/orders:process order.OrderManagement.processOrders bidi stream",
        "POST /order.OrderManagement/addOrder order.OrderManagement.addOrder unary",
        "POST /order.OrderManagement/getOrder order.OrderManagement.getOrder unary",
        "POST /order.OrderManagement/searchOrders order.OrderManagement.searchOrders server stream",
        "POST /order.OrderManagement/updateOrders order.OrderManagement.updateOrders client stream",
        "POST /order.OrderManagement/processOrders order.OrderManagement.processOrders bidi stream",
      ])
    #expect(set.routes[1].idiom == "path and query -> JSON")
    #expect(set.routes[4].idiom == "NDJSON, JSON array or json-seq -> NDJSON, JSON array, SSE or json-seq")
    #expect(set.routes[1].source.hasPrefix("order.http.yaml:"))
    #expect(set.warnings.isEmpty)
  }

  @Test func automaticRoutesCanBeSwitchedOff() throws {
    let set = try BindingSet(
      schema: BindingSamples.orderSchema(), configurations: [BindingSamples.orderConfiguration()],
      options: TranscodingOptions(mapsEveryMethod: false))
    #expect(set.bindings.count == 5)
  }

  @Test func annotationsAreRoutes() throws {
    let set = try BindingSamples.set()
    let update = try #require(set.bindings.first { $0.route == "PATCH /v1/{book.name=shelves/*/books/*}" })
    #expect(update.method.fullName == "binding.test.Library.UpdateBook")
    #expect(set.bindings.contains { $0.route == "* /v1/any/{name=**}" })
    #expect(set.bindings.contains { $0.route == "POST /binding.test.Library/Plain" })
  }

  @Test func aConfigurationReplacesTheAnnotationOfItsMethod() throws {
    let set = try BindingSamples.set(
      """
        - selector: binding.test.Library.GetBook
          get: /v2/{name}
      """)
    let routes = set.bindings.filter { $0.method.name == "GetBook" }.map(\.route)
    #expect(routes == ["GET /v2/{name}", "POST /binding.test.Library/GetBook"])
  }

  @Test func theLastRuleForAMethodWins() throws {
    let set = try BindingSamples.set(
      """
        - selector: binding.test.Library.Plain
          get: /v2/a
          additional_bindings: [{ get: /v2/b }]
        - selector: binding.test.Library.Plain
          get: /v2/c
          additional_bindings: [{ get: /v2/d }]
      """)
    #expect(set.bindings.filter { $0.method.name == "Plain" }.map(\.route).dropLast() == ["GET /v2/c", "GET /v2/d"])
    #expect(
      set.warnings.map(\.description) == [
        "r.yaml:3: the rule for binding.test.Library.Plain is replaced by that of r.yaml:6"
      ])
  }

  @Test func aRuleThatIsTheAutomaticRouteTakesItsPlace() throws {
    let set = try BindingSamples.set(
      """
        - selector: binding.test.Library.UpdateBook
          post: /binding.test.Library/UpdateBook
          body: book
      """)
    #expect(set.bindings.filter { $0.route == "POST /binding.test.Library/UpdateBook" }.count == 1)
    #expect(
      set.binding(.post, literalPath: "/binding.test.Library/UpdateBook")?.declaration.origin
        == .file("r.yaml", line: 3))
    #expect(set.binding(.get, literalPath: "/binding.test.Library/UpdateBook") == nil)
    #expect(set.binding(.get, literalPath: "/v1/everything") != nil)
  }

  static let faults: [(rule: String, expected: String)] = [
    (
      "selector: binding.test.Library.GetBok\n    get: /x",
      "no such method; did you mean \"binding.test.Library.GetBook\"?"
    ),
    ("selector: nothing.Like.This\n    get: /x", "GET /x for nothing.Like.This: no such method"),
    ("selector: binding.test.Library.*\n    get: /x", "a selector names one method"),
    ("selector: binding.test.Values.Query\n    get: x", "column 1 of the path: a path template begins with `/`"),
    ("selector: binding.test.Values.Query\n    get: /{int32", "column 2 of the path: this variable has no closing"),
    (
      "selector: binding.test.Values.Query\n    get: /{nope}",
      "the path variable \"nope\": binding.test.Everything has no field \"nope\""
    ),
    ("selector: binding.test.Values.Query\n    get: /{inner.txet}", "did you mean \"inner.text\"?"),
    ("selector: binding.test.Values.Query\n    get: /{strings}", "the path variable \"strings\" is a repeated field"),
    ("selector: binding.test.Values.Query\n    get: /{labels}", "the path variable \"labels\" is a map"),
    (
      "selector: binding.test.Values.Query\n    get: /{inner}",
      "the path variable \"inner\" is a message (binding.test.Inner), which has no text form"
    ),
    ("selector: binding.test.Values.Query\n    get: /{struct}", "is a message (google.protobuf.Struct)"),
    ("selector: binding.test.Values.Query\n    get: /{int32.x}", "\"int32\" is of type int32 and has no fields"),
    ("selector: binding.test.Values.Query\n    get: /{inners.text}", "\"inners\" is repeated"),
    ("selector: binding.test.Values.Query\n    get: /{labels.x}", "\"labels\" is a map"),
    ("selector: binding.test.Values.Query\n    get: /{time.seconds}", "\"time\" is a google.protobuf.Timestamp"),
    (
      "selector: binding.test.Values.Query\n    get: /{custom_name}/{theName}",
      "\"custom_name\" is bound by two path variables"
    ),
    ("selector: binding.test.Values.Query\n    get: /{choice_text}/{choice_number}", "belong to one oneof"),
    ("selector: binding.test.Values.Query\n    get: /{choice_text}/{choice_inner.text}", "belong to one oneof"),
    (
      "selector: binding.test.Values.Query\n    post: /x\n    body: nope",
      "body is \"nope\", but binding.test.Everything has no such field"
    ),
    ("selector: binding.test.Values.Query\n    post: /x\n    body: iner", "did you mean \"inner\"?"),
    ("selector: binding.test.Values.Query\n    post: /x\n    body: inner.inner", "must be a field at the top level"),
    (
      "selector: binding.test.Values.Query\n    get: /x\n    response_body: nope",
      "response_body is \"nope\", but binding.test.Everything"
    ),
    (
      "selector: binding.test.Values.Query\n    post: /{string}\n    body: string",
      "\"string\" is both the body and a path variable"
    ),
    (
      "selector: binding.test.Values.Query\n    post: /{choice_text}\n    body: choice_inner",
      "the path variable \"choice_text\" and the body field \"choice_inner\" belong to one oneof"
    ),
    ("selector: binding.test.Values.Query\n    custom: { kind: 'A B', path: /x }", "\"A B\" is not an HTTP method"),
    (
      "selector: binding.test.Library.Plain\n    get: /v1/everything",
      "GET /v1/everything for binding.test.Library.Plain clashes with GET /v1/everything for binding.test.Values.Query (binding.proto: google.api.http of binding.test.Values.Query)"
    ),
    (
      "selector: binding.test.Library.Plain\n    post: /binding.test.Library/GetBook\n    body: \"*\"",
      "clashes with POST /binding.test.Library/GetBook for binding.test.Library.Plain (r.yaml:3)"
    ),
  ]

  @Test(arguments: faults)
  func startUpFaultsNameFileRuleAndReason(_ rule: String, _ expected: String) {
    let error = #expect(throws: HTTPRuleErrors.self) { try BindingSamples.set("  - \(rule)\n") }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    #expect(error?.errors.count == 1)
  }

  @Test func allFaultsAreReportedAtOnce() {
    let several = #expect(throws: HTTPRuleErrors.self) {
      try BindingSamples.set(
        """
          - selector: binding.test.Values.Query
            post: /{strings}/{nope}/{int32}/{int32.x}
            body: nope
            response_body: nope
            additional_bindings:
            - get: "/{"
          - selector: no.Such
            get: /{
        """)
    }
    #expect(several?.errors.count == 8)
    #expect(several?.errors.map(\.origin) == [3, 3, 3, 3, 3, 8, 9, 9].map { .file("r.yaml", line: $0) })
  }

  @Test func aBodyOnGETIsAWarning() throws {
    let set = try BindingSamples.set("  - selector: binding.test.Library.Plain\n    get: /v2/p\n    body: \"*\"\n")
    #expect(set.warnings.count == 1)
    #expect(set.warnings[0].description.hasPrefix("r.yaml:3: GET /v2/p: a body has no meaning in GET"))
  }

  @Test(arguments: [
    ("FETCH", true), ("get", true), ("TRACE", true), ("M-SEARCH", false), ("QUERY", false), ("*", false),
  ])
  func aMethodThatNoCallerCanSpeakIsAWarning(_ kind: String, _ isWarned: Bool) throws {
    let set = try BindingSamples.set(
      "  - selector: binding.test.Library.Plain\n    custom: { kind: \"\(kind)\", path: /v2/p }\n")
    let warning = "r.yaml:3: \(kind) /v2/p: callers cannot reach it, since \(kind) is no method of HTTP/1.1 here"
    #expect(set.warnings.map(\.description) == (isWarned ? [warning] : []))
  }

  @Test func repeatedBodiesAreRefusedWhereTheBodyIsAStream() throws {
    #expect(throws: Never.self) {
      try BindingSamples.set("  - selector: binding.test.Library.Plain\n    post: /v2/p\n    body: tags\n")
    }
    let error = #expect(throws: HTTPRuleErrors.self) {
      try BindingSamples.set("  - selector: binding.test.Library.ImportBooks\n    post: /v2/p\n    body: parents\n")
    }
    #expect(error?.description.contains("did you mean \"parent\"") == true)
  }

  @Test func httpBodiesAreFound() throws {
    let set = try BindingSamples.set()
    func flags(_ route: String) -> [Bool]? {
      set.bindings.first { $0.route == route }.map { [$0.requestBodyIsRaw, $0.responseBodyIsRaw] }
    }
    #expect(flags("GET /v1/raw/{name}") == [false, true])
    #expect(flags("POST /v1/raw/{name}") == [true, false])
    #expect(flags("POST /v1/raw:echo") == [true, true])
    #expect(flags("POST /v1/wrapped/{name}") == [true, true])
    #expect(flags("GET /v1/everything") == [false, false])
  }
}
