import Gateway
import HTTPFrontEnd
import NIOCore
import Testing

/// What operators see and do: figures, a listener of their own, reload, drain.
@Suite struct OperationTests {
  private static let get = "GET /v1/orders/101 HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func callsAreCountedByMethodModeAndCode() async throws {
    try await withGateway { configuration in
      configuration.threads = 2
    } _: { gateway in
      try await gateway.store(3)
      for id in ["101", "102", "999"] { _ = try await gateway.get("/v1/orders/\(id)") }
      _ = try await gateway.get("/v1/orders:search?value=iPhone")
      _ = try await gateway.get("/nowhere")
      let metrics = try await gateway.get("/metrics")
      #expect(metrics.status == 200)
      #expect(metrics.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
      let getOrder = #"method="order.OrderManagement/getOrder",mode="unary""#
      let search = #"method="order.OrderManagement/searchOrders",mode="server_stream""#
      for line in [
        "gateway_calls_total{\(getOrder),code=\"OK\"} 2", "gateway_calls_total{\(getOrder),code=\"NOT_FOUND\"} 1",
        "gateway_call_duration_seconds_count{\(getOrder)} 3",
        "gateway_call_duration_seconds_bucket{\(getOrder),le=\"+Inf\"} 3",
        "gateway_messages_total{\(search),to=\"downstream\"} 3",
        "gateway_messages_total{method=\"order.OrderManagement/updateOrders\",mode=\"client_stream\",to=\"upstream\"} 3",
        "gateway_http_responses_total{status=\"404\"} 2", "gateway_errors_total{reason=\"ROUTE_NOT_FOUND\"} 1",
        "gateway_calls_in_flight 0", "gateway_calls_refused_total 0",
      ] {
        #expect(metrics.body.split(separator: "\n").contains { $0 == line }, "\(line)\n\(metrics.body)")
      }
      #expect(!metrics.body.contains("nowhere"))
    }
  }

  @Test func operatorsHaveAListenerOfTheirOwn() async throws {
    try await withServer { configuration in
      configuration.adminListen = SocketAddressText(host: "127.0.0.1", port: 0)
    } _: { gateway, server in
      let admin = RunningGateway(
        port: try #require(server.adminAddress?.port), orderServerPort: gateway.orderServerPort)
      for path in ["/healthz", "/metrics", "/openapi.json", "/openapi.yaml"] {
        let there = try await admin.get(path)
        #expect(there.status == 200)
        let here = try await gateway.get(path)
        #expect(here.status == 404)
      }
      let routes = try await admin.get("/v1/orders/1")
      #expect(routes.status == 404)
      #expect(routes.body.contains("ROUTE_NOT_FOUND"))
    }
  }

  @Test func aReloadIsServedWholeOnConnectionsThatAreOpen() async throws {
    try await withServer { _ in
    } _: { gateway, server in
      let connection = try await gateway.connect()
      try await connection.send(Self.get)
      let before = try await connection.answer()
      #expect(before.status == 404 && before.body.contains("Order does not exist"))
      var limits = FrontEndConfiguration()
      limits.maximumTargetLength = 12
      try await server.reload(description: try ServiceDescription.orders(), frontEnd: limits)
      try await connection.send(Self.get)
      let after = try await connection.answer()
      #expect(after.status == 414)
    }
  }

  @Test func drainAnswersWhatComesAndSaysClose() async throws {
    try await withServer { configuration in
      configuration.adminListen = SocketAddressText(host: "127.0.0.1", port: 0)
      configuration.frontEnd.drainIdleTimeout = .seconds(20)
    } _: { gateway, server in
      let admin = RunningGateway(
        port: try #require(server.adminAddress?.port), orderServerPort: gateway.orderServerPort)
      let connection = try await gateway.connect()
      try await connection.send(Self.get)
      _ = try await connection.answer()
      let ready = try await admin.get("/readyz")
      #expect(ready.status == 200)
      async let stopped: Void = server.stop(grace: .seconds(20))
      var answer = try await admin.get("/readyz")
      while answer.status == 200 { answer = try await admin.get("/readyz") }
      #expect(answer.status == 503)
      // The connection was kept; whatever it is asked still, it is told to close in the end.
      var last: HTTPAnswer
      repeat {
        try await connection.send(Self.get)
        last = try await connection.answer()
        #expect(last.status == 404)
      } while last.header("connection") == nil
      #expect(try await connection.receiveToEnd() == "")
      await stopped
    }
  }

  @Test func anIdleConnectionIsClosedWhileDraining() async throws {
    try await withServer { configuration in
      configuration.frontEnd.drainIdleTimeout = .milliseconds(50)
    } _: { gateway, server in
      let connection = try await gateway.connect()
      try await connection.send(Self.get)
      _ = try await connection.answer()
      await server.stop(grace: .seconds(20))
      #expect(try await connection.receiveToEnd() == "")
    }
  }

  @Test func theProbeOfContainersSeesTheStatus() async throws {
    try await withGateway { gateway in
      let alive = try await HealthProbe(url: "http://127.0.0.1:\(gateway.port)/healthz").status(within: .seconds(20))
      #expect(alive == 200)
      let nowhere = try await HealthProbe(url: "http://127.0.0.1:\(gateway.port)").status(within: .seconds(20))
      #expect(nowhere == 404)
    }
    #expect(throws: GatewayFailure.self) { try HealthProbe(url: "ftp://localhost/") }
    await #expect(throws: GatewayFailure.self) {
      try await HealthProbe(url: "http://127.0.0.1:1/").status(within: .seconds(20))
    }
  }
}
