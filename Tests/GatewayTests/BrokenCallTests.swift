import Gateway
import HTTP2
import HTTPFrontEnd
import NIOCore
import ScriptedUpstream
import Testing

/// Callers that leave, upstreams that break: nobody is left waiting, and nothing that failed looks whole.
@Suite struct BrokenCallTests {
  /// `StringValue{"a"}`; as an `Order` it is the one with this id.
  private static let message: [UInt8] = [0x0A, 0x01, 0x61]
  private static let search = "GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\n"

  private static func upload(_ path: String) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "b\r\n{\"id\":\"1\"}\n\r\n"
  }

  @Test(arguments: [
    "GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n", search + "\r\n", upload("/v1/orders:update"),
    "POST /v1/orders:process HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
  ])
  func callerWhoLeavesCancelsTheCall(request: String) async throws {
    let (calls, called) = AsyncStream.makeStream(of: Void.self)
    try await withScriptedGateway(answer: { _, _ in called.yield() }) { gateway in
      let connection = try await gateway.connect()
      try await connection.send(request)
      for await _ in calls { break }
      await connection.close()
      let code = await gateway.nextReset()
      #expect(code == .cancel)
    }
  }

  @Test func callerWhoLeavesAStreamThatFlowsCancelsTheCall() async throws {
    try await withScriptedGateway(answer: { upstream, id in
      upstream.respond(id)
      upstream.message(id, Self.message)
    }) { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.search + "\r\n")
      _ = try await connection.receive { HTTPAnswer.partialBody($0).hasSuffix("\n") }
      await connection.close()
      let code = await gateway.nextReset()
      #expect(code == .cancel)
    }
  }

  @Test func deadlineCancelsTheCallAndIsAnswered() async throws {
    try await withScriptedGateway(answer: { _, _ in }) { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nGrpc-Timeout: 50m\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.status == 504)
      #expect(answer.body.contains(#""reason":"DEADLINE_EXCEEDED""#))
      let code = await gateway.nextReset()
      #expect(code == .cancel)
      await connection.close()
    }
  }

  enum Break: String, CaseIterable { case status, reset, death }

  private static func breakAfterThree(_ kind: Break) -> @Sendable (ScriptedConnection, StreamID) -> Void {
    { upstream, id in
      upstream.respond(id)
      for _ in 0..<3 { upstream.message(id, message) }
      switch kind {
      case .status: upstream.trailers(id, status: 10, [("grpc-message", "no more")])
      case .reset: upstream.reset(id, .internalError)
      case .death: upstream.close()
      }
    }
  }

  @Test(arguments: Break.allCases) func linesEndInAnErrorAndNoLastChunk(kind: Break) async throws {
    try await withScriptedGateway(answer: Self.breakAfterThree(kind)) { gateway in
      let text = try await gateway.exchange(Self.search + "\r\n")
      #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(HTTPAnswer.parse(text) == nil)
      let lines = HTTPAnswer.partialBody(text).split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines.last?.hasPrefix(#"{"error":{"code":"#) == true)
    }
  }

  @Test(arguments: Break.allCases) func arrayIsNotClosed(kind: Break) async throws {
    try await withScriptedGateway(answer: Self.breakAfterThree(kind)) { gateway in
      let text = try await gateway.exchange(Self.search + "Accept: application/json\r\nTE: trailers\r\n\r\n")
      #expect(HTTPAnswer.parse(text) == nil)
      let body = HTTPAnswer.partialBody(text)
      #expect(body.hasPrefix("[{"))
      #expect(body.hasSuffix("}"))
    }
  }

  @Test(arguments: Break.allCases) func eventsSayThatTheyFailed(kind: Break) async throws {
    try await withScriptedGateway(answer: Self.breakAfterThree(kind)) { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.search + "Accept: text/event-stream\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.body.contains("id: 3\ndata: {"))
      #expect(answer.body.contains("event: error\ndata: {\"error\":{"))
      #expect(!answer.body.contains("event: end"))
      await connection.close()
    }
  }

  @Test func statusAfterMessagesInTrailers() async throws {
    try await withScriptedGateway(answer: Self.breakAfterThree(.status)) { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.search + "TE: trailers\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.trailer("grpc-status") == "10")
      #expect(answer.trailer("grpc-message") == "no more")
      await connection.close()
    }
  }

  @Test(arguments: [0, 2]) func singleAnswerNeedsExactlyOneMessage(messages: Int) async throws {
    try await withScriptedGateway(answer: { upstream, id in
      upstream.respond(id)
      for _ in 0..<messages { upstream.message(id, Self.message) }
      upstream.trailers(id)
    }) { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.status == 500)
      #expect(answer.body.contains(#""reason":"UPSTREAM_BAD_RESPONSE""#))
      await connection.close()
    }
  }

  @Test func silenceAfterTheInitialMetadataSendsTheHead() async throws {
    try await withScriptedGateway {
      $0.frontEnd.silenceBeforeHead = .milliseconds(20)
    } answer: { upstream, id in
      upstream.respond(id, [("x-from", "upstream")])
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.search + "\r\n")
      let head = try await connection.receive { $0.hasSuffix("\r\n\r\n") }
      #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(head.lowercased().contains("grpc-metadata-x-from: upstream\r\n"))
      await connection.close()
    }
  }

  @Test func metadataOfASingleAnswerBecomesHeaders() async throws {
    try await withScriptedGateway(answer: { upstream, id in
      upstream.respond(id, [("x-initial", "1")])
      upstream.message(id, Self.message)
      upstream.trailers(id, status: 0, [("x-trailing", "2")])
    }) { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.header("grpc-metadata-x-initial") == "1")
      #expect(answer.header("grpc-trailer-x-trailing") == "2")
      await connection.close()
    }
  }
}
