import Foundation
import HTTPFrontEnd
import NIOCore
import Testing

@testable import Gateway

/// What operators see of WebSocket sessions: figures, and a line of the access log for each.
@Suite struct WebSocketOperationTests {
  @Test func sessionsAreCountedAsCallsOfTheirMode() async throws {
    try await withGateway { gateway in
      try await gateway.store(1)
      let whole = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:search?value=iPhone")
      #expect(await whole.untilClose().code == 1000)
      await whole.disconnect()
      let failed = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      try await failed.send(#""999""#)
      #expect(await failed.untilClose().code == 4005)
      await failed.disconnect()
      _ = try await gateway.request(WebSocketPeer.request("/v1/none"))
      let metrics = try await gateway.get("/metrics").body
      let search = #"method="order.OrderManagement/searchOrders",mode="server_stream""#
      let process = #"method="order.OrderManagement/processOrders",mode="bidi_stream""#
      for line in [
        "gateway_calls_total{\(search),code=\"OK\"} 1", "gateway_calls_total{\(process),code=\"NOT_FOUND\"} 1",
        "gateway_call_duration_seconds_count{\(search)} 1", "gateway_call_duration_seconds_count{\(process)} 1",
        "gateway_messages_total{\(search),to=\"upstream\"} 1", "gateway_messages_total{\(search),to=\"downstream\"} 1",
        "gateway_messages_total{\(process),to=\"upstream\"} 1",
        "gateway_messages_total{\(process),to=\"downstream\"} 0",
        "gateway_http_responses_total{status=\"101\"} 2", "gateway_http_responses_total{status=\"404\"} 1",
        "gateway_calls_in_flight 0",
      ] {
        #expect(metrics.split(separator: "\n").contains { $0 == line }, "\(line)\n\(metrics)")
      }
    }
  }

  /// The lines of the access log that a gateway has written when it has stopped.
  private func log(_ body: (RunningGateway) async throws -> Void) async throws -> [[String: any Sendable]] {
    let pipe = Pipe()
    try await withGateway { configuration in
      configuration.accessLog = .json
      configuration.accessLogDescriptor = pipe.fileHandleForWriting.fileDescriptor
    } _: { gateway in
      try await body(gateway)
    }
    try pipe.fileHandleForWriting.close()
    let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
    return try text.split(separator: UInt8(ascii: "\n")).map {
      try #require(try JSONSerialization.jsonObject(with: $0) as? [String: any Sendable])
    }
  }

  @Test func aSessionIsALine() async throws {
    let lines = try await log { gateway in
      let peer = try await WebSocketPeer.open(
        port: gateway.port, "/v1/orders:update?pretty", "X-Request-Id: w-1\r\nX-Forwarded-For: 10.0.0.1\r\n")
      try await peer.send(#"{"id":"101"}"#)
      try await peer.send(#"{"id":"102"}"#)
      try await peer.send("")
      #expect(await peer.untilClose().code == 1000)
      try await peer.send(WebSocketPeer.close(1000))
      #expect(await peer.next() == nil)
    }
    #expect(lines.count == 1)
    let line = try #require(lines.first)
    #expect(line["id"] as? String == "w-1")
    #expect(line["remote"] as? String == "127.0.0.1")
    #expect(line["method"] as? String == "GET")
    #expect(line["path"] as? String == "/v1/orders:update")
    #expect(line["rpc"] as? String == "order.OrderManagement/updateOrders")
    #expect(line["status"] as? Int == 101)
    #expect(line["code"] as? String == "OK")
    #expect(line["messages_in"] as? Int == 2)
    #expect(line["messages_out"] as? Int == 1)
    #expect(line["bytes_in"] as? Int == 24)
    // The 101, a text frame with its head, and a Close with its code.
    let answer = #""Orders processed Updated Order IDs : 101, 102, ""#
    let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    let rest = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-Request-Id: w-1\r\n\r\n"
    #expect(line["bytes_out"] as? Int == head.utf8.count + rest.utf8.count + 2 + answer.utf8.count + 4)
    let total = try #require(line["total_us"] as? Int)
    let upstream = try #require(line["upstream_us"] as? Int)
    #expect(upstream > 0 && upstream <= total)
  }

  @Test func whateverEndsASessionIsItsCode() async throws {
    let lines = try await log { gateway in
      // An error of the upstream, bad JSON, a fault of the protocol, a Close before the call, and a caller who is gone.
      for (frames, code) in [
        (WebSocketPeer.text(#""999""#), 4005), (WebSocketPeer.text("{"), 4003), (WebSocketPeer.frame(2, []), 1003),
        (WebSocketPeer.close(1000), 1000),
      ] {
        let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process", frames: frames)
        #expect(await peer.untilClose().code == code)
        await peer.disconnect()
      }
      let gone = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      await gone.disconnect()
    }
    #expect(
      lines.map { $0["code"] as? String } == ["NOT_FOUND", "INVALID_ARGUMENT", "CANCELLED", "CANCELLED", "CANCELLED"])
    #expect(lines.allSatisfy { $0["status"] as? Int == 101 })
    #expect(lines.map { $0["messages_in"] as? Int } == [1, 0, 0, 0, 0])
    #expect(lines.map { $0["upstream_us"] != nil } == [true, false, false, false, false])
  }

  @Test(arguments: ["GET", "POST", "HEAD"]) func aRefusedHandshakeIsALineWithItsMethod(method: String) async throws {
    let lines = try await log { gateway in
      let request =
        "\(method)" + WebSocketPeer.request("/v1/orders:process", "Origin: http://evil.example\r\n").dropFirst(3)
      let connection = try await gateway.connect()
      try await connection.send(request)
      let text = try await connection.receiveToEnd()
      let status = method == "GET" ? 403 : 400
      #expect(text.hasPrefix("HTTP/1.1 \(status) "))
      // RFC 9110 §9.3.2: no body to HEAD.
      #expect(text.hasSuffix("\r\n\r\n") == (method == "HEAD"))
    }
    #expect(lines.map { $0["method"] as? String } == [method])
    #expect(lines.map { $0["status"] as? Int } == [method == "GET" ? 403 : 400])
  }
}
