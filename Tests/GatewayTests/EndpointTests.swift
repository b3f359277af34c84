import GRPCUpstream
import Gateway
import HTTPFrontEnd
import NIOCore
import OrderService
import Testing

/// What the gateway answers for itself.
@Suite struct EndpointTests {
  @Test func healthAndReadiness() async throws {
    try await withGateway { gateway in
      let health = try await gateway.get("/healthz")
      #expect(health.status == 200)
      #expect(health.header("content-type") == "application/json")
      #expect(health.body == #"{"status":"SERVING"}"#)
      // One call waits until the upstream is there.
      #expect(try await gateway.get("/v1/orders/1").status == 404)
      let ready = try await gateway.get("/readyz")
      #expect(ready.status == 200)
      #expect(ready.body == #"{"status":"SERVING"}"#)
    }
  }

  @Test func notReadyWithoutAnUpstream() async throws {
    try await withGateway { configuration in
      configuration.upstream = UpstreamName(host: "127.0.0.1", port: 1)
    } _: { gateway in
      #expect(try await gateway.get("/v1/orders/1").status == 503)
      let ready = try await gateway.get("/readyz?verbose")
      #expect(ready.status == 503)
      #expect(ready.body.hasPrefix(#"{"status":"NOT_SERVING""#))
      #expect(try await gateway.get("/healthz").status == 200)
    }
  }

  @Test func methodsOfAnEndpoint() async throws {
    try await withGateway { gateway in
      #expect(try await gateway.get("/v1/orders/1").status == 404)
      for path in ["/healthz", "/readyz", "/openapi.json", "/openapi.yaml"] {
        let connection = try await gateway.connect()
        try await connection.send("HEAD \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        let head = try await connection.answer(toHead: true)
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        let get = try await connection.answer()
        await connection.close()
        #expect(head.status == 200)
        #expect(get.status == 200)
        #expect(head.header("content-length") == get.header("content-length"))
        #expect(head.header("content-length") == "\(get.body.utf8.count)")

        let options = try await gateway.request("OPTIONS \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(options.status == 204)
        #expect(options.header("allow") == "GET, HEAD, OPTIONS")
        let post = try await gateway.post(path, "{}")
        #expect(post.status == 405)
        #expect(post.header("allow") == "GET, HEAD, OPTIONS")
        #expect(post.body.contains("METHOD_NOT_ALLOWED"))
      }
    }
  }

  @Test func describesItself() async throws {
    try await withGateway { gateway in
      let json = try await gateway.get("/openapi.json")
      #expect(json.header("content-type") == "application/json")
      #expect(json.body.contains(#""openapi": "3.1.0""#))
      #expect(json.body.contains("/v1/orders/{value}"))
      let yaml = try await gateway.get("/openapi.yaml")
      #expect(yaml.header("content-type") == "application/yaml")
      #expect(yaml.body.hasPrefix("openapi: \"3.1.0\"\n"))
    }
  }

  @Test func canBeLeftOut() async throws {
    try await withGateway {
      $0.servesBuiltInEndpoints = false
    } _: { gateway in
      for path in ["/healthz", "/readyz", "/openapi.json", "/openapi.yaml"] {
        let answer = try await gateway.get(path)
        #expect(answer.status == 404)
      }
    }
  }

  private static func rules(_ text: String) throws -> ServiceDescription {
    try ServiceDescription(
      descriptors: [.init(name: "order.binpb", content: OrderServiceDescription.descriptorSet)],
      rules: [.init(name: "rules.yaml", content: "type: google.api.Service\nhttp:\n  rules:\n\(text)")])
  }

  private static let clashing = """
      - selector: order.OrderManagement.getOrder
        get: /v1/{value}
        additional_bindings:
          - post: /readyz
            body: "*"
          - get: /healthz
    """

  @Test func aRuleWithTheSamePathIsRefused() async throws {
    let description = try Self.rules(Self.clashing)
    let failure = await #expect(throws: GatewayFailure.self) {
      try await withGateway(description: description) { _ in }
    }
    let lines = failure?.lines ?? []
    #expect(lines.count == 2)
    #expect(
      lines.first?.hasPrefix(
        "rules.yaml:9: GET /healthz for order.OrderManagement.getOrder clashes with the gateway's own endpoint "
          + "/healthz (--no-built-in-endpoints") == true)
    #expect(lines.last?.contains("POST /readyz") == true)
    try await withGateway(description: description) {
      $0.servesBuiltInEndpoints = false
    } _: { gateway in
      let answer = try await gateway.get("/healthz")
      #expect(answer.body.contains("Order does not exist"))
    }
  }

  @Test func anEndpointComesBeforeAWildcard() async throws {
    let description = try Self.rules(
      """
          - selector: order.OrderManagement.getOrder
            get: /{value}
            additional_bindings:
              - post: /{value}
      """)
    try await withGateway(description: description) { gateway in
      #expect(try await gateway.get("/healthz").body == #"{"status":"SERVING"}"#)
      let other = try await gateway.get("/healthy")
      #expect(other.body.contains("Order does not exist. : healthy"))
      // Only GET and HEAD are the endpoint's.
      let post = try await gateway.request("POST /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(post.body.contains("Order does not exist. : healthz"))
      let put = try await gateway.request("PUT /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(put.status == 405)
      #expect(put.header("allow") == "GET, HEAD, OPTIONS, POST")
    }
  }
}
