import Gateway
import HTTPFrontEnd
import Logging
import NIOCore
import OrderService

/// A gateway and an order server on ports of the system's choice, for the length of a test.
struct RunningGateway: Sendable {
  let port: Int
  let orderServerPort: Int
  var server: GatewayServer?

  /// Stops the gateway before the test's end.
  func stop(grace: TimeAmount) async { await server?.stop(grace: grace) }

  func connect() async throws -> RawConnection { try await RawConnection.open(port: port) }

  /// One request on a connection of its own.
  func request(_ text: String) async throws -> HTTPAnswer {
    let connection = try await connect()
    try await connection.send(text)
    let answer = try await connection.answer(toHead: text.hasPrefix("HEAD"))
    await connection.close()
    return answer
  }

  func get(_ path: String, headers: String = "") async throws -> HTTPAnswer {
    try await request("GET \(path) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
  }

  func post(_ path: String, _ body: String, headers: String = "Content-Type: application/json\r\n") async throws
    -> HTTPAnswer
  {
    try await request(
      "POST \(path) HTTP/1.1\r\nHost: test\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Stores orders `101` onward, each with an item of its name.
  func store(_ count: Int) async throws {
    let lines = (0..<count).map { #"{"id":"\#(101 + $0)","items":["iPhone \#($0)"]}"# }.joined(separator: "\n")
    let answer = try await post("/v1/orders:update", lines, headers: "Content-Type: application/x-ndjson\r\n")
    guard answer.status == 200 else { throw UnexpectedAnswer(answer: answer) }
  }
}

struct UnexpectedAnswer: Error {
  var answer: HTTPAnswer
}

/// Starts both, runs `body`, and stops both whatever happens.
func withGateway(
  description: ServiceDescription? = nil,
  configure: (inout GatewayConfiguration) -> Void = { _ in },
  _ body: (RunningGateway) async throws -> Void
) async throws {
  try await withServer(description: description, configure: configure) { gateway, _ in try await body(gateway) }
}

/// The same for tests that reload, drain or ask the server itself.
func withServer(
  description: ServiceDescription? = nil,
  configure: (inout GatewayConfiguration) -> Void = { _ in },
  _ body: (RunningGateway, GatewayServer) async throws -> Void
) async throws {
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let orders = OrderServer(
    configuration: OrderServerConfiguration(port: 0, database: .memory, shutdownGrace: .zero, logger: logger))
  let serving = Task { try await orders.run() }
  let bound = try await orders.listeningAddress
  var configuration = GatewayConfiguration(
    listen: SocketAddressText(host: "127.0.0.1", port: 0),
    upstream: SocketAddressText(host: bound.host, port: bound.port))
  // A machine that is busy with other tests is no slow caller.
  configuration.frontEnd.headerTimeout = .seconds(120)
  configure(&configuration)
  let server = GatewayServer(
    configuration: configuration, description: try description ?? ServiceDescription.orders(), logger: logger)
  do {
    let address = try await server.start()
    try await body(RunningGateway(port: address.port, orderServerPort: bound.port, server: server), server)
  } catch {
    await server.stop(grace: .zero)
    orders.beginGracefulShutdown()
    _ = await serving.result
    throw error
  }
  await server.stop(grace: .zero)
  orders.beginGracefulShutdown()
  _ = await serving.result
}
