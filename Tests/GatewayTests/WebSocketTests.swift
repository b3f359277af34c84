import Gateway
import HTTPFrontEnd
import NIOCore
import Testing

/// Every streaming mode over WebSocket, against the order server.
@Suite struct WebSocketTests {
  private func store(_ gateway: RunningGateway, _ orders: [(String, String)]) async throws {
    for (id, address) in orders {
      _ = try await gateway.post(
        "/v1/orders", #"{"id":"\#(id)","items":["iPhone"],"addresses":[{"address":"\#(address)"}]}"#)
    }
  }

  @Test func theHandshakeIsAnsweredAsTheRFCsExample() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(
        port: gateway.port, "/v1/orders:process", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
      // RFC 6455 §1.3.
      #expect(peer.head.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
      #expect(peer.head.contains("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"))
      #expect(!peer.head.contains("Extensions"))
      await peer.disconnect()
    }
  }

  @Test func serverStreamStartsAtTheUpgrade() async throws {
    try await withGateway { gateway in
      try await store(gateway, [("101", "A"), ("102", "B")])
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:search?value=iPhone")
      let end = await peer.untilClose()
      #expect(end.texts.map { $0.prefix(12) } == [#"{"id":"101","#, #"{"id":"102","#])
      #expect(end.code == 1000)
      try await peer.send(WebSocketPeer.close(1000))
      #expect(await peer.next() == nil)
    }
  }

  @Test func serverStreamOfARuleWithABodyStartsWithTheFirstFrame() async throws {
    try await withGateway { gateway in
      try await store(gateway, [("101", "A")])
      let peer = try await WebSocketPeer.open(port: gateway.port, "/order.OrderManagement/searchOrders")
      try await peer.send(#""iPhone""#)
      let end = await peer.untilClose()
      #expect(end.texts.count == 1)
      #expect(end.code == 1000)
      await peer.disconnect()
    }
  }

  @Test func clientStreamIsAnsweredOnceItsCallerIsDone() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      try await peer.send(#"{"id":"101"}"#)
      try await peer.send(#"{"id":"102"}"#)
      try await peer.send("")
      let end = await peer.untilClose()
      #expect(end.texts == [#""Orders processed Updated Order IDs : 101, 102, ""#])
      #expect(end.code == 1000)
      await peer.disconnect()
    }
  }

  @Test func bidiIsFullDuplex() async throws {
    try await withGateway { gateway in
      try await store(gateway, [("101", "A"), ("102", "B")])
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      for id in ["101", "101", "101"] { try await peer.send("\"\(id)\"") }
      // The first shipment is here while the stream is open.
      #expect(await peer.next()?.text.hasPrefix(#"{"id":"cmb - A""#) == true)
      try await peer.send(#""102""#)
      try await peer.send("")
      let end = await peer.untilClose()
      #expect(end.texts.count == 1)
      #expect(end.code == 1000)
      await peer.disconnect()
    }
  }

  @Test func framesRightBehindTheHandshakeAreNotLost() async throws {
    try await withGateway { gateway in
      let frames = WebSocketPeer.text(#"{"id":"101"}"#) + WebSocketPeer.text("")
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update", frames: frames)
      let end = await peer.untilClose()
      #expect(end.texts == [#""Orders processed Updated Order IDs : 101, ""#])
      await peer.disconnect()
    }
  }

  @Test func requestsBeforeTheHandshakeAreAnsweredOnTheSameConnection() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.connect(port: gateway.port)
      try await peer.send(
        Array(("GET /v1/orders/9 HTTP/1.1\r\nHost: a\r\n\r\n" + WebSocketPeer.request("/v1/orders:update")).utf8)
          + WebSocketPeer.text(""))
      try await peer.readHead()
      #expect(peer.head.hasPrefix("HTTP/1.1 404 "))
      try await peer.readHead()
      #expect(peer.head.contains("HTTP/1.1 101 Switching Protocols\r\n"))
      #expect(await peer.untilClose().code == 1000)
      await peer.disconnect()
    }
  }

  @Test(arguments: [
    (#"{"id":7}"#, 4003, #""field":"[0].id""#), ("{", 4003, "INVALID_ARGUMENT"), (#"{"idd":"1"}"#, 4003, "idd"),
  ])
  func badJSONIsToldAndCloses(text: String, code: Int, told: String) async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      try await peer.send(text)
      let end = await peer.untilClose()
      #expect(end.texts.count == 1)
      #expect(end.texts.first?.hasPrefix(#"{"error":{"code":400,"#) == true)
      #expect(end.texts.first?.contains(told) == true)
      #expect(end.code == code)
      await peer.disconnect()
    }
  }

  @Test func errorOfTheUpstreamIsToldWithItsCode() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      try await peer.send(#""999""#)
      let end = await peer.untilClose()
      #expect(end.texts.last?.contains(#""status":"NOT_FOUND""#) == true)
      #expect(end.code == 4005)
      await peer.disconnect()
    }
  }

  @Test func aMessageWhereNoneIsTakenIsAnError() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      try await peer.send(WebSocketPeer.text("") + WebSocketPeer.text(#""101""#))
      #expect(await peer.untilClose().code == 4003)
      await peer.disconnect()
    }
  }

  @Test func pingsAreAnsweredAndTheCallersCloseIsEchoed() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      try await peer.send(WebSocketPeer.frame(9, [1, 2, 3]))
      #expect(await peer.next() == WebSocketPeer.Frame(opcode: 10, payload: [1, 2, 3]))
      try await peer.send(WebSocketPeer.close(3456, "bye"))
      #expect(await peer.next() == WebSocketPeer.Frame(opcode: 8, payload: [0x0D, 0x80]))
      #expect(await peer.next() == nil)
    }
  }

  @Test func silentCallersArePingedAndGivenUp() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.webSocket.pingInterval = .milliseconds(20)
      configuration.frontEnd.webSocket.pongTimeout = .milliseconds(200)
    } _: { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      #expect(await peer.next() == WebSocketPeer.Frame(opcode: 9, payload: []))
      #expect(await peer.untilClose().code == 1006)
    }
  }

  @Test func whoDoesNotCloseIsNotWaitedForLong() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.webSocket.closeTimeout = .milliseconds(50)
    } _: { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:search?value=none")
      #expect(await peer.untilClose().code == 1000)
      #expect(await peer.next() == nil)
    }
  }

  @Test func deadlineIsToldAndCloses() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update", "Grpc-Timeout: 50m\r\n")
      try await peer.send(#"{"id":"1"}"#)
      let end = await peer.untilClose()
      #expect(end.code == 4004)
      #expect(end.texts.last?.contains("DEADLINE_EXCEEDED") == true)
      await peer.disconnect()
    }
  }

  @Test func silenceEndsTheSession() async throws {
    try await withGateway {
      $0.frontEnd.streamIdleTimeout = .milliseconds(50)
    } _: { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      let end = await peer.untilClose()
      #expect(end.code == 4004)
      #expect(end.texts.last?.contains("STREAM_IDLE") == true)
      await peer.disconnect()
    }
  }

  // MARK: Handshakes that are refused

  private static let version = "Sec-WebSocket-Version: 13\r\n"
  private static let key = "Sec-WebSocket-Key: \(WebSocketPeer.key)\r\n"
  private static let upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"

  @Test(arguments: [
    ("GET /v1/orders/1", upgrade + version + key, 400), ("GET /v1/none", upgrade + version + key, 404),
    ("GET /v1/orders:process", upgrade + key, 426),
    ("GET /v1/orders:process", upgrade + "Sec-WebSocket-Version: 8\r\n" + key, 426),
    ("GET /v1/orders:process", upgrade + version, 400), ("GET /v1/orders:process", upgrade + version + key + key, 400),
    ("GET /v1/orders:process", upgrade + version + "Sec-WebSocket-Key: short\r\n", 400),
    ("GET /v1/orders:process", "Upgrade: websocket\r\n" + version + key, 400),
    ("POST /v1/orders:process", upgrade + version + key, 400),
    ("GET /v1/orders:process", upgrade + version + key + "Origin: http://evil.example\r\n", 403),
    ("GET /v1/orders:process", upgrade + version + key + "Origin: null\r\n", 403),
    ("GET /v1/orders:process", upgrade + version + key + "Sec-WebSocket-Protocol: bearer\r\n", 400),
    ("GET /v1/orders:process", upgrade + version + key + "Grpc-Timeout: soon\r\n", 400),
    ("GET /v1/orders:process?value=1", upgrade + version + key, 400),
  ])
  func refusedHandshakes(line: String, headers: String, status: Int) async throws {
    try await withGateway { gateway in
      let answer = try await gateway.request("\(line) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
      #expect(answer.status == status)
      #expect(answer.body.hasPrefix(#"{"error":{"code":\#(status),"#))
      if status == 426 {
        #expect(answer.header("sec-websocket-version") == "13")
        #expect(answer.header("upgrade") == "websocket")
      }
    }
  }

  @Test(arguments: ["http://test", "https://TEST", "https://test:443", "https://app.example.com"])
  func allowedOrigins(origin: String) async throws {
    try await withGateway {
      $0.frontEnd.webSocket.allowedOrigins = ["https://app.example.com"]
    } _: { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process", "Origin: \(origin)\r\n")
      await peer.disconnect()
    }
  }

  @Test func anotherProtocolThanWebSocketIsIgnored() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.get("/v1/orders/1", headers: "Upgrade: h2c\r\nConnection: Upgrade\r\n")
      #expect(answer.status == 404)
      #expect(answer.header("connection") == "close")
    }
  }
}
