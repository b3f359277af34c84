import ProtobufSchema
import Testing

@Suite struct ServiceConfigurationTests {
  @Test func readsEveryForm() throws {
    let yaml = """
      type: google.api.Service
      config_version: 3
      name: library.example.com
      documentation: { summary: anything, rules: [{selector: x}] }
      http:
        fully_decode_reserved_expansion: true
        rules:
        - selector: a.B.Get
          get: /v1/{name=x/*}
        - selector: a.B.Put
          put: /v1/x
          body: "*"
        - selector: a.B.Post
          post: /v1/y
          body: book
          response_body: result
          additional_bindings:
          - delete: /v1/z
          - { patch: /v1/p, body: book }
          - custom: { kind: "*", path: "/v1/c" }
        - selector: a.B.Camel
          custom:
            kind: LOCK
            path: /v1/l
          responseBody: result
          additionalBindings: [{ get: /v1/m }]
      """
    let configuration = try ServiceConfiguration(yaml: yaml, file: "rules.yaml")
    #expect(configuration.fullyDecodesReservedExpansion)
    func rule(
      _ selector: String, _ method: HTTPRuleDeclaration.Method, _ template: String, _ line: Int,
      body: HTTPRuleDeclaration.Body = .none, response: String? = nil, isAdditional: Bool = false
    ) -> HTTPRuleDeclaration {
      HTTPRuleDeclaration(
        selector: selector, method: method, template: template, body: body, responseBody: response,
        isAdditional: isAdditional, origin: .file("rules.yaml", line: line))
    }
    #expect(
      configuration.rules == [
        rule("a.B.Get", .get, "/v1/{name=x/*}", 8),
        rule("a.B.Put", .put, "/v1/x", 10, body: .whole),
        rule("a.B.Post", .post, "/v1/y", 13, body: .field("book"), response: "result"),
        rule("a.B.Post", .delete, "/v1/z", 18, isAdditional: true),
        rule("a.B.Post", .patch, "/v1/p", 19, body: .field("book"), isAdditional: true),
        rule("a.B.Post", .custom("*"), "/v1/c", 20, isAdditional: true),
        rule("a.B.Camel", .custom("LOCK"), "/v1/l", 21, response: "result"),
        rule("a.B.Camel", .get, "/v1/m", 26, isAdditional: true),
      ])
    #expect(configuration.groupedRules.map(\.count) == [1, 1, 4, 2])
  }

  @Test(arguments: ["http: {}", "http: { rules: [] }", "type: google.api.Service", "{}"])
  func noRulesAreNoFault(_ yaml: String) throws {
    let configuration = try ServiceConfiguration(yaml: yaml, file: "f")
    #expect(configuration.rules.isEmpty && !configuration.fullyDecodesReservedExpansion)
  }

  @Test(arguments: [
    ("", "f:1: the file is empty"),
    ("[]", "f:1: the file is a list, expected a mapping"),
    ("x", "f:1: the file is text"),
    ("type: google.api.Servce", "f:1: type is \"google.api.Servce\", expected google.api.Service"),
    ("http:\n  ruels: []", "f:2: http has no key \"ruels\"; did you mean \"rules\"?"),
    ("htpp:\n  rules: []", "f:1: the file has no key \"htpp\"; did you mean \"http\"?"),
    ("http:\n  rules: {}", "f:2: http.rules is a mapping, expected a list"),
    ("http:\n  rules:\n  - x", "f:3: a rule is text, expected a mapping"),
    ("http: []", "f:1: http is a list"),
    ("http:", "f:1: http is empty"),
    ("http:\n  fully_decode_reserved_expansion: yes", "f:2: fully_decode_reserved_expansion is \"yes\""),
    ("http:\n  rules:\n  - selector: a\n    got: /x", "f:4: a rule has no key \"got\"; did you mean \"get\"?"),
    ("http:\n  rules:\n  - selector: a\n    get: /x\n    body:", "f:5: body is empty, expected text"),
    ("http:\n  rules:\n  - selector: a\n    get: [/x]", "f:4: get is a list, expected text"),
    ("http:\n  rules:\n  - selector: a\n    body: x", "f:3: the rule has none of get, put"),
    ("http:\n  rules:\n  - get: /x", "f:3: the rule has no selector"),
    ("http:\n  rules:\n  - selector: a\n    get: /x\n    put: /y", "f:3: the rule has several patterns (GET, PUT)"),
    ("http:\n  rules:\n  - selector: a\n    get: ''", "f:3: the rule has no path"),
    ("http:\n  rules:\n  - selector: a\n    custom: {path: /x}", "f:3: custom has no kind"),
    ("http:\n  rules:\n  - selector: a\n    custom: {kind: X, pth: /x}", "f:4: custom has no key \"pth\""),
    ("http:\n  rules:\n  - selector: a\n    get: /x\n    get: /y", "f:4: the key \"get\" stands twice"),
    (
      "http:\n  rules:\n  - selector: a\n    get: /x\n    responseBody: a\n    response_body: b",
      "f:6: a rule has the key \"response_body\" twice"
    ),
    (
      "http:\n  rules:\n  - selector: a\n    get: /x\n    additional_bindings:\n    - selector: b\n      get: /y",
      "f:6: an additional binding belongs to its rule's selector; \"b\" is another"
    ),
    (
      "http:\n  rules:\n  - selector: a\n    get: /x\n    additional_bindings:\n    - get: /y\n      additional_bindings: [{get: /z}]",
      "f:7: additional_bindings may not contain additional_bindings"
    ),
    ("http:\n  rules:\n  - selector: a\n    post: /x\n    body: *", "f:5: column 12"),
    ("http:\n  rules:\n  - selector: a\n    post: /x\n    body: *", "a value that begins with `*` must be quoted"),
    ("http:\n\trules: []", "f:2: column 1"),
    ("a: [", "f:2: column 1: did not find"),
    ("--- {}\n--- {}", "f:2: column 1: but found another document"),
    ("? [a]\n: b", "f:1: a key is a list"),
    ("http: {}\nname: \u{1}", "f:2: "),
  ])
  func faultsNameTheLine(_ yaml: String, _ expected: String) {
    let error = #expect(throws: HTTPRuleErrors.self) { try ServiceConfiguration(yaml: yaml, file: "f") }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func allFaultsAreReportedAtOnce() {
    let yaml = """
      http:
        rules:
        - get: /x
        - selector: b
        - selector: c
          gett: /c
        nonsense: 1
      """
    let error = #expect(throws: HTTPRuleErrors.self) { try ServiceConfiguration(yaml: yaml, file: "f") }
    #expect(error?.errors.count == 5)
  }

  @Test func theSameTreeTwiceThroughAnAnchorIsRead() throws {
    let yaml = """
      http:
        rules:
        - &first { selector: a, get: /x }
        - selector: b
          additional_bindings: [{ get: /z }]
          get: /y
      """
    #expect(try ServiceConfiguration(yaml: yaml, file: "f").rules.count == 3)
  }
}
