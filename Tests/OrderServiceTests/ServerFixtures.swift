import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import OrderAPI
import SwiftProtobuf

@testable import OrderService

/// Runs an order server on a free port of the loopback interface, and a client connected to it.
func withOrderServer(
  database: OrderDatabaseLocation = .memory, grace: Duration = .seconds(10),
  _ body: (OrderServer, GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Void
) async throws {
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let server = OrderServer(
    configuration: OrderServerConfiguration(port: 0, database: database, shutdownGrace: grace, logger: logger))
  try await withThrowingTaskGroup { group in
    group.addTask { try await server.run() }
    let address = try await server.listeningAddress
    try await withGRPCClient(
      transport: .http2NIOPosix(
        target: .ipv4(address: address.host, port: address.port), transportSecurity: .plaintext)
    ) { client in
      try await body(server, client)
    }
    server.beginGracefulShutdown()
    try await group.waitForAll()
  }
}

func withOrders(
  _ body: (Order_OrderManagement.Client<HTTP2ClientTransport.Posix>) async throws -> Void
) async throws {
  try await withOrderServer { _, client in
    try await body(Order_OrderManagement.Client(wrapping: client))
  }
}

func text(_ value: String) -> Google_Protobuf_StringValue {
  .with { $0.value = value }
}

extension Order_OrderManagement.Client {
  func add(_ order: Order_Order) async throws -> String {
    try await addOrder(order).value
  }

  func get(_ id: String) async throws -> Order_Order {
    try await getOrder(text(id))
  }

  func update(_ orders: [Order_Order]) async throws -> String {
    try await updateOrders { try await $0.write(contentsOf: orders) }.value
  }

  func search(_ query: String) async throws -> [Order_Order] {
    try await searchOrders(text(query)) { try await $0.messages.reduce(into: []) { $0.append($1) } }
  }

  /// What each shipment holds, and the error at the end, if any.
  func process(_ ids: [String]) async throws -> (shipments: [[String]], fault: Fault?) {
    try await processOrders {
      try await $0.write(contentsOf: ids.map(text))
    } onResponse: { response in
      var shipments: [[String]] = []
      do {
        for try await shipment in response.messages {
          shipments.append([shipment.id] + shipment.orderList.map(\.id))
        }
        return (shipments, nil)
      } catch let error as RPCError {
        return (shipments, Fault(error.code, error.message))
      }
    }
  }
}

extension Grpc_Health_V1_Health.Client {
  func status(of service: String) async throws -> Grpc_Health_V1_HealthCheckResponse.ServingStatus {
    try await check(.with { $0.service = service }).status
  }

  func statuses() async throws -> [String: Grpc_Health_V1_HealthCheckResponse.ServingStatus] {
    try await list(Grpc_Health_V1_HealthListRequest()).statuses.mapValues(\.status)
  }
}

/// What a caller sees of an error, without its metadata.
struct Fault: Error, Equatable {
  var code: RPCError.Code
  var message: String

  init(_ code: RPCError.Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// Throws the error of a call as a `Fault`.
func faults<Value>(_ body: () async throws -> Value) async throws -> Value {
  do {
    return try await body()
  } catch let error as RPCError {
    throw Fault(error.code, error.message)
  }
}
