import GRPCUpstream
import HTTPFrontEnd
import Logging
import NIOCore
import NIOPosix
import OrderService
import ScriptedUpstream
import Testing
import Transcoding

@testable import Gateway

extension RunningGateway {
  /// Which of two upstreams has answered.
  func answerer(get path: String) async throws -> String {
    let answer = try await get(path)
    return answer.body.contains("first") ? "first" : answer.body.contains("second") ? "second" : answer.body
  }

  func answerer(post path: String, _ body: String) async throws -> String {
    let answer = try await post(path, body)
    return answer.body.contains("first") ? "first" : answer.body.contains("second") ? "second" : answer.body
  }
}

extension UpstreamDefinition {
  /// The upstream of the echo service.
  static func echo(at target: UpstreamName) -> UpstreamDefinition {
    var echo = UpstreamDefinition(name: "echo", target: target)
    echo.services = ["echo.Echo"]
    return echo
  }
}

/// A gateway in front of more than one upstream.
@Suite struct SeveralUpstreamsTests {
  /// Orders and echo, each with its rules.
  static func description() throws -> ServiceDescription {
    try ServiceDescription(
      descriptors: [
        .init(name: "order.binpb", content: OrderServiceDescription.descriptorSet),
        .init(name: "echo.binpb", content: try EchoService.descriptorSet()),
      ],
      rules: [
        .init(name: "order.http.yaml", content: OrderServiceDescription.rules),
        .init(name: "echo.yaml", content: EchoService.rules),
      ])
  }

  /// Does something to the channel of a connection before it is spoken on.
  typealias Preparation = @Sendable (any Channel) throws -> Void

  private static func start(_ message: String, _ prepare: @escaping Preparation) async throws -> ScriptedUpstream {
    try await ScriptedUpstream.start(on: MultiThreadedEventLoopGroup.singleton.next(), prepareChannel: prepare) {
      connection, event in
      guard case .request(let id, _, _) = event else { return }
      connection.headers(
        id,
        [
          (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"), ("grpc-message", message),
        ], endStream: true)
    }
  }

  struct Setup {
    var gateway: RunningGateway
    var first: ScriptedUpstream
    var second: ScriptedUpstream
  }

  /// Runs `body` against a gateway in front of two upstreams that answer every call with their name.
  static func run(
    prepare: (first: Preparation, second: Preparation) = ({ _ in }, { _ in }), logger: Logger? = nil,
    _ configure: (inout GatewayConfiguration, UpstreamName) throws -> Void, _ body: (Setup) async throws -> Void
  ) async throws {
    let first = try await start("first", prepare.first)
    let second = try await start("second", prepare.second)
    var quiet = Logger(label: "test")
    quiet.logLevel = .critical
    var configuration = GatewayConfiguration(
      listen: SocketAddressText(host: "127.0.0.1", port: 0),
      upstream: UpstreamName(host: "127.0.0.1", port: first.port))
    try configure(&configuration, UpstreamName(host: "127.0.0.1", port: second.port))
    let server = GatewayServer(
      configuration: configuration, description: try description(), logger: logger ?? quiet)
    let result: Result<Void, any Error>
    do {
      let address = try await server.start()
      let gateway = RunningGateway(port: address.port, orderServerPort: first.port, server: server)
      result = .success(try await body(Setup(gateway: gateway, first: first, second: second)))
    } catch {
      result = .failure(error)
    }
    await server.stop(grace: .zero)
    try await first.kill()
    try await second.kill()
    try result.get()
  }

  @Test func routesLeadToTheUpstreamOfTheirService() async throws {
    try await Self.run {
      $0.upstreams = [.echo(at: $1)]
    } _: { setup async throws in
      let gateway = setup.gateway
      for _ in 0..<3 {
        #expect(try await gateway.answerer(get: "/v1/orders/1") == "first")
        #expect(try await gateway.answerer(post: "/v1/value", "1") == "second")
        #expect(try await gateway.answerer(post: "/echo.Echo/Value", "1") == "second")
        #expect(try await gateway.answerer(post: "/order.OrderManagement/getOrder", "\"1\"") == "first")
      }
    }
  }

  @Test func aPathWinsOverAServiceAndTheLongerOverTheShorter() async throws {
    try await Self.run { configuration, second in
      var echo = UpstreamDefinition.echo(at: second)
      echo.paths = ["/v1/orders"]
      var rest = UpstreamDefinition(name: "rest", target: configuration.upstream ?? second)
      rest.paths = ["/v1"]
      configuration.upstream = nil
      // Everything else that has no path of its own.
      rest.services = ["order.OrderManagement"]
      configuration.upstreams = [rest, echo]
    } _: { setup async throws in
      let gateway = setup.gateway
      #expect(try await gateway.answerer(get: "/v1/orders/1") == "second")
      #expect(try await gateway.answerer(post: "/v1/orders", #"{"id":"1"}"#) == "second")
      #expect(try await gateway.answerer(post: "/v1/value", "1") == "first")
      #expect(try await gateway.answerer(post: "/echo.Echo/Value", "1") == "second")
      #expect(try await gateway.answerer(post: "/order.OrderManagement/getOrder", "\"1\"") == "first")
    }
  }

  @Test func readinessNamesTheUpstreamThatIsNotThere() async throws {
    try await Self.run {
      $0.upstreams = [.echo(at: $1)]
    } _: { setup async throws in
      let gateway = setup.gateway
      _ = try await gateway.get("/v1/orders/1")
      _ = try await gateway.post("/v1/value", "1")
      #expect(try await gateway.get("/readyz").body == #"{"status":"SERVING"}"#)
      try await setup.second.kill()
      // Until the gateway has noticed.
      while try await gateway.post("/v1/value", "1").status != 503 {}
      while try await gateway.get("/readyz").status == 200 {}
      let ready = try await gateway.get("/readyz")
      #expect(ready.status == 503)
      let namesIt = ready.body.hasPrefix(#"{"status":"NOT_SERVING","reason":"the upstream echo "#)
      #expect(namesIt)
      // The other is not touched by it.
      #expect(try await gateway.get("/v1/orders/1").status == 404)
      let metrics = try await gateway.get("/metrics").body.split(separator: "\n")
      for line in [
        #"gateway_upstream_connections{upstream="default",state="ready"} 1"#,
        #"gateway_upstream_connections{upstream="echo",state="ready"} 0"#,
        #"gateway_upstream_connections_lost_total{upstream="echo"} 1"#,
        #"gateway_upstream_addresses{upstream="echo",state="all"} 1"#,
        #"gateway_upstream_streams{upstream="default"} 0"#,
      ] {
        #expect(metrics.contains { $0 == line }, "\(line)")
      }
    }
  }

  @Test func whatFitsNoSchemaIsRefusedAtTheStart() async throws {
    let failure = await #expect(throws: GatewayFailure.self) {
      try await Self.run { configuration, second in
        var echo = UpstreamDefinition.echo(at: second)
        echo.services = ["echo.Ecko"]
        echo.paths = ["/v2"]
        configuration.upstream = nil
        configuration.upstreams = [echo]
      } _: { _ in
      }
    }
    #expect(
      failure?.lines == [
        "upstream echo: there is no service echo.Ecko; did you mean echo.Echo?",
        "upstream echo: no route lies under /v2",
        "no upstream serves order.OrderManagement: name it in the services of one, or set upstream",
        "no upstream serves echo.Echo: name it in the services of one, or set upstream",
      ])
  }

  @Test(
    arguments: [
      (UpstreamPool.State.idle, "the upstream is not connected yet"),
      (.connecting, "the upstream is not connected yet"),
      (.failing, "the upstream cannot be reached"), (.notServing, "the upstream says that it is not serving"),
      (.unresolved, "the name of the upstream cannot be resolved"), (.shutDown, "the gateway is shutting down"),
      (.ready, nil), (.dormant, nil),
    ] as [(UpstreamPool.State, String?)])
  func readinessGivesTheReason(state: UpstreamPool.State, reason: String?) {
    let answer = Readiness(upstreams: [.init(name: "default", state: state)], isDraining: false).answer
    #expect(answer.status == (reason == nil ? 200 : 503))
    let body = answer.body.map { String(buffer: $0) }
    #expect(body == (reason.map { #"{"status":"NOT_SERVING","reason":"\#($0)"}"# } ?? #"{"status":"SERVING"}"#))
  }
}
