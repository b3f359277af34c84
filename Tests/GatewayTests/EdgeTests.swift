import GRPCUpstream
import Gateway
import HTTPFrontEnd
import Testing

@Suite struct EdgeTests {
  private func status(_ gateway: RunningGateway, _ request: String) async throws -> Int {
    try await gateway.request(request).status
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    try await withGateway { gateway in
      try await gateway.store(20)
      let connection = try await gateway.connect()
      let ids = (101...120).map(String.init)
      try await connection.send(ids.map { "GET /v1/orders/\($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
      for id in ids {
        let answer = try await connection.answer()
        #expect(answer.status == 200)
        #expect(answer.body.hasPrefix(#"{"id":"\#(id)""#))
      }
      await connection.close()
    }
  }

  @Test func everyLoopServesWithItsOwnUpstreamConnection() async throws {
    try await withGateway { configuration in
      configuration.threads = 2
    } _: { gateway in
      try await gateway.store(1)
      // Connections are dealt to the loops in turn.
      for _ in 0..<4 {
        let answer = try await gateway.get("/v1/orders/101")
        #expect(answer.status == 200)
      }
    }
  }

  @Test func whatCannotBeParsedIsAnsweredInItsTurn() async throws {
    try await withGateway { gateway in
      try await gateway.store(1)
      let connection = try await gateway.connect()
      try await connection.send(
        "GET /v1/orders/101 HTTP/1.1\r\nHost: test\r\n\r\nGET /v1/orders/101 HTTP/1.1\r\nHo st: x\r\n\r\n")
      let first = try await connection.answer()
      #expect(first.status == 200)
      let second = try await connection.answer()
      #expect(second.status == 400)
      #expect(second.header("connection") == "close")
      _ = try await connection.receiveToEnd()
    }
  }

  @Test func malformedChunkIsAnswered() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.request(
        "POST /v1/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")
      #expect(answer.status == 400)
      #expect(answer.header("connection") == "close")
    }
  }

  @Test func requestsArriveInPieces() async throws {
    try await withGateway { gateway in
      let connection = try await gateway.connect()
      let body = #"{"id":"101","items":["a b"]}"#
      let request =
        "POST /v1/orders HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      for byte in request.utf8 { try await connection.send([byte]) }
      #expect(try await connection.answer().body == #""Order Added: 101""#)
      await connection.close()
    }
  }

  @Test func notFoundAndMethodNotAllowed() async throws {
    try await withGateway { gateway in
      #expect(try await gateway.get("/v2/orders").status == 404)
      let answer = try await gateway.request("DELETE /v1/orders/1 HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(answer.status == 405)
      #expect(answer.header("allow") == "GET, HEAD, OPTIONS")
      let options = try await gateway.request("OPTIONS /v1/orders HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(options.status == 204)
      #expect(options.header("allow") == "OPTIONS, POST")
    }
  }

  @Test(arguments: [("M-SEARCH", 200), ("QUERY", 200), ("PURGE", 405), ("FETCH", 501), ("MSEARCH", 501)])
  func methodsOfCustomRules(method: String, expected: Int) async throws {
    try await withEchoGateway { gateway in
      let answer = try await gateway.request("\(method) /v1/path/a HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(answer.status == expected)
      if expected == 405 { #expect(answer.header("allow") == "GET, HEAD, M-SEARCH, OPTIONS, QUERY") }
    }
  }

  @Test func headHasTheLengthAndNoBody() async throws {
    try await withGateway { gateway in
      try await gateway.store(1)
      let connection = try await gateway.connect()
      try await connection.send("HEAD /v1/orders/101 HTTP/1.1\r\nHost: test\r\n\r\n")
      let head = try await connection.answer(toHead: true)
      #expect(head.status == 200)
      try await connection.send("GET /v1/orders/101 HTTP/1.1\r\nHost: test\r\n\r\n")
      let get = try await connection.answer()
      #expect(head.header("content-length") == get.header("content-length"))
      await connection.close()
    }
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("POST /v1/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    ("POST /v1/orders HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417), ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("nonsense\r\n\r\n", 501),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("GET /v1/orders:search?value=a HTTP/1.0\r\n\r\n", 505),
    ("POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\n{}", 415),
    ("POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 4194305\r\n\r\n", 413),
    ("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 400),
    ("GET /v1/orders:search?valu=a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
  ])
  func refusals(request: String, status: Int) async throws {
    try await withGateway { gateway in
      let answer = try await gateway.request(request)
      #expect(answer.status == status)
      #expect(answer.header("content-type") == "application/json")
      #expect(answer.body.hasPrefix(#"{"error":{"code":\#(status),"message":""#))
    }
  }

  @Test(arguments: [
    (#"{"id":"1""#, "line 1, column 10"), (#"{"id":1}"#, "id"), (#"{"idd":"1"}"#, "did you mean"),
    (#"{"id":"1","price":1e400}"#, "price"), (#"{"id":"1","id":"2"}"#, "id"),
    ("{\"id\":\"1\",\n\"addresses\":[{},{\"type\":\"HOEM\"}]}", "addresses[1].type"),
  ])
  func badJSONSaysWhere(body: String, says: String) async throws {
    try await withGateway { gateway in
      let answer = try await gateway.post("/v1/orders", body)
      #expect(answer.status == 400)
      #expect(answer.body.contains(says), "\(answer.body)")
      #expect(answer.body.contains("google.rpc.BadRequest"))
    }
  }

  @Test func expectationIsMetOnlyAfterTheHeadIsJudged() async throws {
    try await withGateway { gateway in
      let connection = try await gateway.connect()
      try await connection.send(
        "POST /v1/orders HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
      let go = try await connection.receive { $0.hasSuffix("\r\n\r\n") }
      #expect(go == "HTTP/1.1 100 Continue\r\n\r\n")
      try await connection.send(#"{"id":"1"}"#)
      let whole = try await connection.receive { $0.contains("Order Added: 1") }
      #expect(whole.contains("HTTP/1.1 200 OK"))
      await connection.close()
      let refused = try await gateway.request(
        "POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
      #expect(refused.status == 404)
    }
  }

  @Test func earlyAnswerToALargeUploadClosesTheConnection() async throws {
    try await withGateway { gateway in
      let connection = try await gateway.connect()
      try await connection.send(
        "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n{\"id\":")
      let answer = try await connection.answer()
      #expect(answer.status == 413)
      #expect(answer.header("connection") == "close")
      _ = try await connection.receiveToEnd()
    }
  }

  @Test func chunkedBodyOverTheLimit() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.maximumRequestBody = 16
    } _: { gateway in
      func post(_ count: Int) async throws -> Int {
        let body = #"{"id":""# + String(repeating: "x", count: count - 9) + #""}"#
        let size = String(body.utf8.count, radix: 16)
        return try await gateway.request(
          "POST /v1/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\n\(body)\r\n0\r\n\r\n"
        ).status
      }
      let (atLimit, beyond) = (try await post(16), try await post(17))
      #expect(atLimit == 200)
      #expect(beyond == 413)
    }
  }

  @Test func deadlineIsAnswered() async throws {
    try await withGateway { gateway in
      let bad = try await gateway.get("/v1/orders/1", headers: "Grpc-Timeout: 5\r\n")
      #expect(bad.status == 400)
      let past = try await gateway.get("/v1/orders/1", headers: "Grpc-Timeout: 0n\r\n")
      #expect(past.status == 504)
      #expect(past.body.contains("DEADLINE_EXCEEDED"))
    }
  }

  @Test func upstreamThatIsNotThere() async throws {
    try await withGateway { configuration in
      configuration.upstream = UpstreamName(host: "127.0.0.1", port: 1)
    } _: { gateway in
      let answer = try await gateway.get("/v1/orders/1")
      #expect(answer.status == 503)
      #expect(answer.body.contains("UNAVAILABLE"))
      #expect(answer.body.contains("UPSTREAM_UNREACHABLE"))
    }
  }
}
