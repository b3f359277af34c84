import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore
import NIOHPACK
import NIOPosix
import OrderAPI
import SwiftProtobuf
import Testing

@testable import OrderService

@Suite(.timeLimit(.minutes(1))) struct OrderServerTests {
  @Test func saysThatThePortIsInUse() async throws {
    try await withOrderServer { server, _ in
      let address = try await server.listeningAddress
      let second = OrderServer(
        configuration: OrderServerConfiguration(port: address.port, database: .memory, logger: Self.silent))
      let expected = OrderServerError.cannotListen(
        host: "127.0.0.1", port: address.port, reason: "address already in use")
      await #expect(throws: expected) { try await second.run() }
      await #expect(throws: expected) { try await second.listeningAddress }
      #expect(expected.description == "cannot listen on 127.0.0.1:\(address.port): address already in use")
    }
  }

  @Test(arguments: 0..<10) func aServerMayStopAtAnyTimeOfItsStart(attempt: Int) async throws {
    let server = OrderServer(configuration: OrderServerConfiguration(port: 0, database: .memory, logger: Self.silent))
    async let run: Void = server.run()
    for _ in 0..<attempt { await Task.yield() }
    server.beginGracefulShutdown()
    try await run
  }

  /// A connection that is accepted while the server is cut belongs to nobody: it has to be closed, and must not trap.
  @Test(arguments: 0..<40) func connectionsMayArriveWhileTheServerIsCut(attempt: Int) async throws {
    let server = OrderServer(configuration: OrderServerConfiguration(port: 0, database: .memory, logger: Self.silent))
    let run = Task { try await server.run() }
    let address = try await server.listeningAddress
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          let connecting = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port)
          guard let channel = try? await connecting.get() else { return }
          // The kernel may drop a connection with its listener and not say so; whoever waits for the end has to
          // send something, to which the answer is a reset.
          try? await channel.writeAndFlush(ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
          try? await channel.closeFuture.get()
        }
      }
      for _ in 0..<attempt { await Task.yield() }
      run.cancel()
    }
    _ = await run.result
  }

  /// A stream that a client opens while the server is cut belongs to nobody either.
  @Test(arguments: 0..<20) func streamsMayArriveWhileTheServerIsCut(attempt: Int) async throws {
    let server = OrderServer(
      configuration: OrderServerConfiguration(port: 0, database: .memory, shutdownGrace: .zero, logger: Self.silent))
    let run = Task { try await server.run() }
    let address = try await server.listeningAddress
    var block = ByteBuffer()
    var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
    try encoder.encode(
      headers: [
        ":method": "POST", ":scheme": "http", ":path": "/order.OrderManagement/getOrder", ":authority": "a",
        "content-type": "application/grpc", "te": "trailers",
      ], to: &block)
    let connected = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: address.host, port: address.port).get()
    try await connected.writeAndFlush(
      ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0"))
    let fields = Array(block.readableBytesView)
    let flood = Task {
      for stream in 0..<2000 {
        var frame = ByteBuffer()
        // HEADERS with END_HEADERS; the stream stays open.
        frame.writeMultipleIntegers(UInt8(0), UInt16(fields.count), UInt8(1), UInt8(4), UInt32(2 * stream + 1))
        frame.writeBytes(fields)
        try await connected.writeAndFlush(frame)
      }
    }
    for _ in 0..<(attempt * 20) { await Task.yield() }
    if attempt % 2 == 0 { run.cancel() } else { server.beginGracefulShutdown() }
    _ = await run.result
    _ = await flood.result
    try? await connected.close()
  }

  @Test func aCallInFlightFinishesAfterTheShutdownHasBegun() async throws {
    try await withOrderServer { server, client in
      let orders = Order_OrderManagement.Client(wrapping: client)
      _ = try await orders.update(OrderManagementTests.orders)
      try await orders.processOrders { writer in
        try await writer.write(text("101"))
        _ = try await orders.get("101")
        server.beginGracefulShutdown()
        try await writer.write(text("102"))
      } onResponse: { response in
        let ids = try await response.messages.reduce(into: []) { $0.append(contentsOf: $1.orderList.map(\.id)) }
        #expect(ids == ["101", "102"])
      }
    }
  }

  @Test func aCallThatGoesOnIsCutAfterTheGrace() async throws {
    try await withOrderServer(grace: .milliseconds(100)) { server, client in
      let orders = Order_OrderManagement.Client(wrapping: client)
      await #expect(throws: (any Error).self) {
        try await orders.processOrders { writer in
          server.beginGracefulShutdown()
          while true {
            try await writer.write(text("101"))
            try await Task.sleep(for: .milliseconds(1))
          }
        } onResponse: { response in
          for try await _ in response.messages {}
        }
      }
    }
  }

  @Test func watchersLearnOfTheShutdown() async throws {
    try await withOrderServer { server, client in
      let health = Grpc_Health_V1_Health.Client(wrapping: client)
      #expect(try await health.status(of: "order.OrderManagement") == .serving)
      #expect(try await health.statuses()["grpc.reflection.v1alpha.ServerReflection"] == .serving)
      await #expect(throws: Fault(.notFound, "unknown service x")) {
        try await faults { try await health.check(.with { $0.service = "x" }) }
      }
      try await health.watch(.init()) { response in
        var statuses: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] = []
        do {
          for try await message in response.messages {
            statuses.append(message.status)
            server.beginGracefulShutdown()
          }
          Issue.record("the watch ended without a status")
        } catch let error as RPCError {
          #expect(error.code == .unavailable)
        }
        #expect(statuses == [.serving, .notServing])
      }
    }
  }

  private static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
