import Gateway
import HTTPFrontEnd
import Testing

/// Scripts of other origins (Fetch standard, CORS protocol), and callers that can send no other method than POST.
@Suite struct CrossOriginTests {
  private static let app = "Origin: https://app.example\r\n"
  private static let other = "Origin: https://other.example\r\n"

  private func withOrigins(
    _ origins: [String], credentials: Bool = false, _ body: @Sendable (RunningGateway) async throws -> Void
  ) async throws {
    let policy = try CORSPolicy(origins: origins, allowsCredentials: credentials)
    try await withGateway {
      $0.frontEnd.cors = policy
    } _: {
      try await body($0)
    }
  }

  private func preflight(_ gateway: RunningGateway, _ path: String, _ headers: String) async throws -> HTTPAnswer {
    try await gateway.request(
      "OPTIONS \(path) HTTP/1.1\r\nHost: test\r\nAccess-Control-Request-Method: POST\r\n\(headers)\r\n")
  }

  @Test func nothingIsSaidByDefault() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.get("/v1/orders/1", headers: Self.app)
      #expect(answer.header("access-control-allow-origin") == nil)
      #expect(answer.header("vary") == nil)
      let preflight = try await preflight(gateway, "/v1/orders", Self.app)
      #expect(preflight.status == 204)
      #expect(preflight.header("access-control-allow-methods") == nil)
    }
  }

  @Test func aPreflightIsAnswered() async throws {
    try await withOrigins(["https://app.example"]) { gateway in
      let answer = try await preflight(
        gateway, "/v1/orders", Self.app + "Access-Control-Request-Headers: content-type,x-tenant\r\n")
      #expect(answer.status == 204)
      #expect(answer.body == "")
      #expect(answer.header("access-control-allow-origin") == "https://app.example")
      #expect(answer.header("access-control-allow-methods") == "OPTIONS, POST")
      #expect(answer.header("access-control-allow-headers") == "content-type,x-tenant")
      #expect(answer.header("access-control-max-age") == "600")
      #expect(answer.header("access-control-allow-credentials") == nil)
      #expect(answer.headers.contains { $0.name == "Vary" && $0.value == "Origin" })
      let stranger = try await preflight(gateway, "/v1/orders", Self.other)
      #expect(stranger.status == 204)
      #expect(stranger.header("access-control-allow-origin") == nil)
      #expect(stranger.header("access-control-allow-methods") == nil)
      #expect(stranger.header("vary") == "Origin")
    }
  }

  /// Errors too: a script that may call may read why it failed.
  private static let requests = [
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n", 404), ("GET /nowhere HTTP/1.1\r\nHost: a\r\n", 404),
    ("DELETE /v1/orders HTTP/1.1\r\nHost: a\r\n", 405), ("GET /v1/orders/%zz HTTP/1.1\r\nHost: a\r\n", 400),
    ("GET /v1/orders:search?value=x HTTP/1.1\r\nHost: a\r\n", 200), ("GET /healthz HTTP/1.1\r\nHost: a\r\n", 200),
    ("POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n", 415),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400),
  ]

  @Test func everyAnswerSaysWhoMayReadIt() async throws {
    try await withOrigins(["https://app.example"]) { gateway in
      for (head, status) in Self.requests {
        let body = head.contains("Content-Length") ? "{}" : ""
        let allowed = try await gateway.request(head + Self.app + "\r\n" + body)
        #expect(allowed.status == status, "\(head)")
        #expect(allowed.header("access-control-allow-origin") == "https://app.example", "\(head)")
        #expect(allowed.header("access-control-expose-headers") == "*", "\(head)")
        #expect(allowed.values("vary").contains("Origin"), "\(head)")
        let stranger = try await gateway.request(head + Self.other + "\r\n" + body)
        #expect(stranger.status == status, "\(head)")
        #expect(stranger.header("access-control-allow-origin") == nil, "\(head)")
        #expect(stranger.values("vary").contains("Origin"), "\(head)")
      }
    }
  }

  /// With credentials no `*` counts, so headers are named one by one.
  @Test func credentialsNameTheHeaders() async throws {
    try await withOrigins(["https://app.example", "http://localhost:3000"], credentials: true) { gateway in
      let answer = try await gateway.get("/v1/orders/1", headers: "Origin: http://localhost:3000\r\n")
      #expect(answer.header("access-control-allow-origin") == "http://localhost:3000")
      #expect(answer.header("access-control-allow-credentials") == "true")
      let exposed = answer.headers.filter { $0.name == "Access-Control-Expose-Headers" }.map(\.value)
      #expect(exposed.contains("Date, Retry-After, X-Request-Id, Allow"))
      #expect(!exposed.contains("*"))
    }
  }

  @Test func anyOriginMayReadWithoutCredentials() async throws {
    try await withOrigins(["*"]) { gateway in
      let answer = try await gateway.get("/v1/orders/1", headers: Self.other)
      #expect(answer.header("access-control-allow-origin") == "*")
      #expect(answer.header("vary") == nil)
    }
  }

  @Test(arguments: [
    (["*", "https://a"], false), (["*"], true), (["https://a/"], false), (["https://a/b"], false), (["a"], false),
    (["null"], false), ([""], false), (["https://a b"], false), (["https://a\r\nX: y"], false), ([], true),
  ])
  func whatMakesNoPolicy(origins: [String], credentials: Bool) {
    #expect(throws: CORSPolicy.Invalid.self) {
      _ = try CORSPolicy(origins: origins, allowsCredentials: credentials)
    }
  }

  // MARK: X-HTTP-Method-Override

  private func override(_ gateway: RunningGateway, _ method: String, _ path: String) async throws -> HTTPAnswer {
    try await gateway.request(
      "POST \(path) HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: \(method)\r\nContent-Length: 0\r\n\r\n")
  }

  @Test func aPostStandsForAnotherMethod() async throws {
    try await withGateway {
      $0.frontEnd.allowsMethodOverride = true
    } _: { gateway in
      try await gateway.store(1)
      let order = try await override(gateway, "GET", "/v1/orders/101")
      #expect(order.status == 200)
      #expect(try await override(gateway, "DELETE", "/v1/orders/101").status == 405)
      for method in ["HEAD", "OPTIONS", "CONNECT", "TRACE", "get", "G T", "a,b"] {
        let refused = try await override(gateway, method, "/v1/orders/101")
        #expect(refused.status == 400)
        #expect(refused.body.contains("X-HTTP-Method-Override"))
      }
      let get = try await gateway.get("/v1/orders/101", headers: "X-HTTP-Method-Override: DELETE\r\n")
      #expect(get.status == 200)
    }
  }

  @Test func theOverrideIsOffByDefault() async throws {
    try await withGateway { gateway in
      let answer = try await override(gateway, "GET", "/v1/orders/101")
      #expect(answer.status == 405)
    }
  }
}
