import Foundation
import GRPCUpstream
import Gateway
import HTTPFrontEnd
import Logging
import Misbehaving
import NIOCore
import NIOPosix
import Testing

/// Every misbehaviour of an upstream, through the whole gateway: the caller gets the right answer, calls beside it go
/// on where HTTP/2 allows it, and the next call is fine.
///
/// Details of streams and pool are `GRPCUpstreamTests`' business; a hundred repeats of each with a look at open files
/// and memory are `Tests/python/hostile_upstream_check.py`'s.
@Suite(.timeLimit(.minutes(5))) struct MisbehaviourTests {
  @Test(arguments: Misbehaviour.all)
  func misbehaviourIsAnsweredAndNobodyElseNotices(_ misbehaviour: Misbehaviour) async throws {
    try await withHostileGateway(misbehaviour) { gateway in
      let bystander = misbehaviour.others == .none ? nil : try await gateway.beginBystander()
      let victim = try await gateway.callVictim()
      #expect(victim.status == misbehaviour.answer.status, "\(victim.body)")
      #expect(victim.errorName == misbehaviour.answer.name, "\(victim.body)")
      #expect(victim.errorReason == misbehaviour.answer.reason, "\(victim.body)")
      if let bystander {
        // With the connection gone there is nothing left to be released.
        if misbehaviour.others == .go { try await gateway.release() }
        let end = try await bystander.receiveToEnd()
        #expect(end.contains(#"{"error":{"#) == (misbehaviour.others == .end), "\(end)")
        // A stream that was cut must not look whole.
        #expect((HTTPAnswer.parse(end) == nil) == (misbehaviour.others == .end), "\(end)")
      }
      try await gateway.server.heal()
      try await gateway.callUntilServed()
      #expect(try await gateway.server.openConnections() <= 4)
    }
  }

  @Test func ninetyLateAnswersHarmNobodyElse() async throws {
    let late = try #require(Misbehaviour.named("answer-to-a-stream-that-was-reset"))
    try await withHostileGateway(late) { gateway in
      let bystander = try await gateway.beginBystander()
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<90 { group.addTask { try await gateway.callVictim().status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses == Array(repeating: 504, count: 90))
      for _ in 0..<200 { try await gateway.callUntilServed() }
      try await gateway.release()
      let end = try await bystander.receiveToEnd()
      #expect(HTTPAnswer.parse(end) != nil)
      #expect(try await gateway.server.openConnections() == 1)
    }
  }

  @Test func readerWhoStallsIsNoWayToOverrunTheWindow() async throws {
    // 16 MiB, whatever the window says.
    let overrun = Misbehaviour.overrun(bytes: 16 << 20)
    try await withHostileGateway(overrun) { gateway in
      let bystander = try await gateway.beginBystander()
      let stalled = try await RawConnection.open(port: gateway.port)
      try await stalled.setReading(false)
      try await stalled.send(
        "GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\nGrpc-Metadata-Role: victim\r\n\r\n")
      try await gateway.server.victimReset()
      try await gateway.release()
      let end = try await bystander.receiveToEnd()
      #expect(HTTPAnswer.parse(end) != nil)
      await stalled.close()
    }
  }
}

/// A gateway in front of a hostile server, and the calls of a scene.
struct HostileGateway {
  struct NeverServed: Error {}

  let port: Int
  let server: HostileServer
  let misbehaviour: Misbehaviour

  /// A stream that has begun and waits for more.
  func beginBystander() async throws -> RawConnection {
    let connection = try await RawConnection.open(port: port)
    try await connection.send(
      "GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nGrpc-Metadata-Role: bystander\r\n\r\n")
    _ = try await connection.receive { HTTPAnswer.partialBody($0).contains("\n") }
    return connection
  }

  func callVictim() async throws -> HTTPAnswer {
    var headers = "Host: a\r\nGrpc-Metadata-Role: victim\r\nGrpc-Metadata-Misbehaviour: \(misbehaviour.name)\r\n"
    if let timeout = misbehaviour.timeout { headers += "Grpc-Timeout: \(timeout)\r\n" }
    let connection = try await RawConnection.open(port: port)
    switch misbehaviour.call {
    case .unary: try await connection.send("GET /v1/orders/101 HTTP/1.1\r\n\(headers)\r\n")
    case .upload:
      try await connection.send(
        "POST /v1/orders:update HTTP/1.1\r\n\(headers)Content-Type: application/x-ndjson\r\n"
          + "Transfer-Encoding: chunked\r\n\r\nb\r\n{\"id\":\"1\"}\n\r\n")
    }
    let answer = try await connection.answer()
    await connection.close()
    return answer
  }

  /// Lets the bystanders end.
  func release() async throws { try await callUntilServed("Grpc-Metadata-Role: release\r\n") }

  /// A sound call, which is not served before the back-off of the pool is over.
  func callUntilServed(_ headers: String = "") async throws {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      let connection = try await RawConnection.open(port: port)
      try await connection.send("GET /v1/orders/101 HTTP/1.1\r\nHost: a\r\n\(headers)\r\n")
      let answer = try await connection.answer()
      await connection.close()
      if answer.status == 200 { return }
      #expect(answer.status == 503)
    }
    throw NeverServed()
  }
}

private func withHostileGateway(
  _ misbehaviour: Misbehaviour, _ body: (HostileGateway) async throws -> Void
) async throws {
  let server = try await HostileServer(misbehaviour, on: MultiThreadedEventLoopGroup.singleton.next())
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  var configuration = GatewayConfiguration(
    listen: SocketAddressText(host: "127.0.0.1", port: 0),
    upstream: SocketAddressText(host: "127.0.0.1", port: server.port))
  configuration.frontEnd.headerTimeout = .seconds(120)
  // What is silent when it should greet is known soon, and what is back too.
  configuration.upstreamLimits.connectTimeout = .milliseconds(500)
  configuration.upstreamLimits.backoff.minimumUnderDemand = .milliseconds(50)
  let gateway = GatewayServer(
    configuration: configuration, description: try ServiceDescription.orders(), logger: logger)
  let result: Result<Void, any Error>
  do {
    let address = try await gateway.start()
    try await body(HostileGateway(port: address.port, server: server, misbehaviour: misbehaviour))
    result = .success(())
  } catch {
    result = .failure(error)
  }
  await gateway.stop(grace: .zero)
  try await server.kill()
  try result.get()
}

extension HTTPAnswer {
  /// gRPC's name of the error in the body.
  fileprivate var errorName: String { text(of: "status") }

  /// Why the gateway made the error.
  fileprivate var errorReason: String { text(of: "reason") }

  private func text(of key: String) -> String {
    guard status != 200, let start = body.range(of: #""\#(key)":""#)?.upperBound else { return "" }
    return String(body[start...].prefix { $0 != "\"" })
  }
}
