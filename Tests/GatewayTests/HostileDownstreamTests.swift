import Gateway
import HTTPFrontEnd
import NIOCore
import Testing

/// The HTTP/1.1 side as intermediaries and attackers speak it: each row is bytes on a socket, the status that they
/// are answered with, and whether the connection may live on.
@Suite struct HostileDownstreamTests {
  private static let post = "POST /v1/orders HTTP/1.1\r\nHost: a\r\n"
  private static let chunked = post + "Transfer-Encoding: chunked\r\n"

  private static let refusals: [(String, Int)] = [
    // RFC 9112 §3.2: Host.
    ("GET /v1/orders/1 HTTP/1.1\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: \r\n\r\n", 400),
    // The target's four forms.
    ("GET http://b/v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET ftp://a/v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 405),
    ("TRACE /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("GET v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /v1/orders/1#f HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    // RFC 9112 §6: framing.
    (post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    (post + "Transfer-Encoding: identity\r\n\r\n", 400),
    (post + "Transfer-Encoding: \r\n\r\n", 400),
    (post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (post + "Transfer-Encoding: xchunked\r\n\r\n", 400),
    (chunked + "Content-Length: 2\r\n\r\n0\r\n\r\n", 400),
    ("POST /v1/orders HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    (post + "Content-Length: 2, 2\r\n\r\n{}", 400),
    (post + "Content-Length: -1\r\n\r\n", 400),
    (post + "Content-Length: +2\r\n\r\n{}", 400),
    (post + "Content-Length: 99999999999999999999\r\n\r\n{}", 400),
    (chunked + "\r\nffffffffffffffffff\r\n", 400),
    (chunked + "\r\n-2\r\n{}\r\n0\r\n\r\n", 400),
    (chunked + "\r\n2\r\n{}}\r\n0\r\n\r\n", 400),
    // RFC 9112 §5: header lines.
    ("GET /v1/orders/1 HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n", 400),
    // What is asked for and not offered.
    (post + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}", 417),
    ("GET /v1/orders/1 HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    ("BREW /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
  ]

  @Test(arguments: refusals)
  func isRefusedAndTheConnectionCloses(request: String, status: Int) async throws {
    try await withGateway { gateway in
      let connection = try await gateway.connect()
      try await connection.send(request)
      let answer = try await connection.answer()
      #expect(answer.status == status, "\(answer.body)")
      #expect(answer.header("connection") == "close")
      #expect(answer.header("content-type") == "application/json")
      #expect(answer.body.hasPrefix(#"{"error":{"code":\#(status),"message":""#))
      let rest = try await connection.receiveToEnd()
      #expect(rest.isEmpty)
    }
  }

  private static let inOrder: [(String, Int)] = [
    ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204), ("GET http://A/v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n", 404),
    ("GET /v1/orders/1 HTTP/1.1\r\nhost: [::1]:80\r\n\r\n", 404),
    // A name with an underscore never crosses; the request itself is in order.
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nX_Y: 1\r\n\r\n", 404),
    // Chunk extensions and trailers are read and dropped.
    (chunked + "\r\nb;name=\"value\"\r\n{\"id\":\"101\"\r\n1;x\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n", 200),
  ]

  @Test(arguments: inOrder)
  func isServedAndTheConnectionLivesOn(request: String, status: Int) async throws {
    try await withGateway { gateway in
      let connection = try await gateway.connect()
      for _ in 0..<2 {
        try await connection.send(request)
        let answer = try await connection.answer()
        #expect(answer.status == status, "\(answer.body)")
        #expect(answer.header("connection") == nil)
      }
      await connection.close()
    }
  }

  /// The limits on heads, at n and at one more.
  @Test(
    arguments: [
      (8192 - 1, 0, 0, 404), (8192, 0, 0, 404), (8193, 0, 0, 414), (0, 100, 0, 404), (0, 101, 0, 431),
      (0, 0, 30_000, 404), (0, 0, 40_000, 431),
    ] as [(Int, Int, Int, Int)])
  func heads(target: Int, lines: Int, block: Int, status: Int) async throws {
    try await withGateway { gateway in
      var request = "GET /" + String(repeating: "x", count: max(1, target - 1)) + " HTTP/1.1\r\nHost: a\r\n"
      request += (0..<max(0, lines - 1)).map { "x-\($0): 1\r\n" }.joined()
      if block > 0 { request += "x: " + String(repeating: "y", count: block) + "\r\n" }
      let answer = try await gateway.request(request + "\r\n")
      #expect(answer.status == status)
    }
  }

  @Test func trailersAreBounded() async throws {
    try await withGateway { gateway in
      let connection = try await gateway.connect()
      try await connection.send(
        Self.chunked + "\r\n2\r\n{}\r\n0\r\n" + String(repeating: "x: y\r\n", count: 200) + "\r\n")
      let answer = try await connection.answer()
      #expect(answer.status == 431)
      _ = try await connection.receiveToEnd()
    }
  }

  /// They are read past, not kept: only the time that a body has bounds them.
  @Test func chunkExtensionsAreDropped() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.request(
        Self.chunked + "\r\n2;x=" + String(repeating: "y", count: 200_000) + "\r\n{}\r\n0\r\n\r\n")
      #expect(answer.body.contains("INVALID_ARGUMENT"), "the server's word on an order without id")
    }
  }

  @Test(arguments: [
    "", "G", "GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nX: ",
  ])
  func theFirstHeadHasItsTime(bytes: String) async throws {
    try await withGateway { configuration in
      configuration.frontEnd.headerTimeout = .milliseconds(150)
    } _: { gateway in
      let connection = try await gateway.connect()
      // Its time may be over before the bytes are out.
      if !bytes.isEmpty { try? await connection.send(bytes) }
      let answer = try await connection.answer()
      #expect(answer.status == 408)
      _ = try await connection.receiveToEnd()
    }
  }

  @Test func aFurtherHeadHasItsTimeFromItsFirstByte() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.headerTimeout = .seconds(4)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n")
      let first = try await connection.answer()
      #expect(first.status == 404)
      try await connection.send("GET /v1/")
      let second = try await connection.answer()
      #expect(second.status == 408)
      _ = try await connection.receiveToEnd()
    }
  }

  @Test func anIdleConnectionIsClosedWithoutAWord() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.keepAliveTimeout = .milliseconds(150)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await connection.answer()
      #expect(try await connection.receiveToEnd() == "")
    }
  }

  @Test func aBodyThatTricklesIsGivenUp() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.bodyRateGrace = .milliseconds(150)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.post + "Content-Length: 100\r\n\r\n{")
      let answer = try await connection.answer()
      #expect(answer.status == 408)
      #expect(answer.header("connection") == "close")
      _ = try await connection.receiveToEnd()
    }
  }

  @Test func aBodyThatStopsIsGivenUp() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.bodyIdleTimeout = .milliseconds(150)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.post + "Content-Length: 100\r\n\r\n{")
      #expect(try await connection.answer().status == 408)
      _ = try await connection.receiveToEnd()
    }
  }
}
