import Gateway
import HTTP2
import Logging
import NIOCore
import NIOHPACK
import NIOPosix
import OrderService
import ProtobufSchema
import ScriptedUpstream
import Testing
import Transcoding

/// A gateway that knows nothing but where its upstream is.
@Suite struct ReflectedSchemaTests {
  private func schema(port: Int, patience: Duration = .zero, answerTimeout: Duration = .seconds(20)) -> ReflectedSchema
  {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    var schema = ReflectedSchema(
      GatewayConfiguration(
        listen: SocketAddressText(host: "127.0.0.1", port: 0),
        upstream: SocketAddressText(host: "127.0.0.1", port: port)), logger: logger)
    schema.patience = patience
    schema.pause = .milliseconds(5)
    schema.answerTimeout = answerTimeout
    return schema
  }

  private func description(_ files: [ServiceDescription.Source<[UInt8]>], rules: String? = nil) throws
    -> ServiceDescription
  {
    try ServiceDescription(
      SchemaSources(files: files, rules: rules.map { [.init(name: "order.http.yaml", content: $0)] } ?? []))
  }

  @Test func servesWhatTheUpstreamSays() async throws {
    try await withGateway { orders in
      let files = try await schema(port: orders.orderServerPort).fetch()
      let described = try description(files)
      // The service and that of health; reflection itself is not served.
      #expect(Set(described.schema.services.map(\.fullName)) == ["order.OrderManagement", "grpc.health.v1.Health"])
      try await withGateway(description: described) {
        $0.upstream = SocketAddressText(host: "127.0.0.1", port: orders.orderServerPort)
      } _: { gateway in
        let stored = try await gateway.post("/order.OrderManagement/addOrder", #"{"id":"7","items":["a"]}"#)
        #expect(stored.body == #""Order Added: 7""#)
        let order = try await gateway.post("/order.OrderManagement/getOrder", #""7""#)
        #expect(order.body.hasPrefix(#"{"id":"7","items":["a"]"#))
        let health = try await gateway.post("/grpc.health.v1.Health/Check", "{}")
        #expect(health.body == #"{"status":"SERVING"}"#)
      }
      let ruled = try description(files, rules: OrderServiceDescription.rules)
      #expect(ruled.routes.contains { $0.path == "/v1/orders/{value}" })
    }
  }

  @Test func waitsForAnUpstreamThatComesLate() async throws {
    // A port that is free for now.
    let place = try await ScriptedUpstream.start(on: MultiThreadedEventLoopGroup.singleton.next()) { _, _ in }
    let port = place.port
    try await place.kill()
    async let files = schema(port: port, patience: .seconds(20)).fetch()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let orders = OrderServer(
      configuration: OrderServerConfiguration(port: port, database: .memory, shutdownGrace: .zero, logger: logger))
    let serving = Task { try await orders.run() }
    _ = try await orders.listeningAddress
    let count = try await files.count
    #expect(count > 0)
    orders.beginGracefulShutdown()
    _ = await serving.result
  }

  @Test func saysThatNobodyIsThere() async throws {
    let failure = await #expect(throws: GatewayFailure.self) { _ = try await schema(port: 1).fetch() }
    #expect(
      failure?.lines == [
        "server reflection of 127.0.0.1:1: the upstream cannot be reached (Connection refused); tried for 0 s"
      ])
  }

  private func failure(
    answerTimeout: Duration = .seconds(20),
    _ answer: @escaping @Sendable (ScriptedConnection, StreamID, Bool) -> Void
  ) async throws -> [String] {
    let upstream = try await ScriptedUpstream.start(on: MultiThreadedEventLoopGroup.singleton.next()) {
      connection, event in
      if case .request(let id, let headers, _) = event {
        answer(connection, id, headers.first(name: ":path")?.contains("v1alpha") ?? false)
      }
    }
    let port = upstream.port
    let failure = await #expect(throws: GatewayFailure.self) {
      _ = try await schema(port: port, answerTimeout: answerTimeout).fetch()
    }
    try await upstream.kill()
    return (failure?.lines ?? []).map { $0.replacing("server reflection of 127.0.0.1:\(port): ", with: "") }
  }

  @Test func saysThatReflectionIsNotServed() async throws {
    let lines = try await failure { connection, id, _ in
      connection.headers(
        id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "12")], endStream: true)
    }
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("the upstream serves neither grpc.reflection.v1 nor v1alpha") == true)
  }

  /// v1alpha is asked when v1 is not there, and what it says counts.
  @Test func saysWhatIsIncomplete() async throws {
    let lines = try await failure { connection, id, isAlpha in
      guard isAlpha else {
        return connection.headers(
          id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "12")], endStream: true)
      }
      connection.respond(id)
      // list_services_response { service { name: "a.A" } }, then error_response { error_code: 5 }.
      connection.message(id, [0x32, 7, 0x0A, 5, 0x0A, 3, 0x61, 0x2E, 0x41])
      connection.message(id, [0x3A, 2, 0x08, 5])
    }
    #expect(lines == ["the service a.A: code 5"])
  }

  @Test func saysThatNoAnswerCame() async throws {
    let lines = try await failure(answerTimeout: .milliseconds(50)) { connection, id, _ in connection.respond(id) }
    #expect(lines == ["the answers did not come in time"])
  }

  @Test func saysThatTheCallFailed() async throws {
    let lines = try await failure { connection, id, _ in
      connection.headers(
        id,
        [
          (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "7"), ("grpc-message", "not you"),
        ], endStream: true)
    }
    #expect(lines == ["the call failed: PERMISSION_DENIED: not you"])
  }
}
