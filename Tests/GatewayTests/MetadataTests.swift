import Gateway
import HTTP2
import NIOConcurrencyHelpers
import ScriptedUpstream
import Testing

/// Headers that become metadata and metadata that becomes headers, over sockets.
@Suite struct MetadataTests {
  /// What the upstream is sent for a request with these header lines, less what every call has.
  private func metadata(_ headers: String) async throws -> (sent: [String], answer: HTTPAnswer) {
    let seen = NIOLockedValueBox<[String]>([])
    var received: HTTPAnswer?
    try await withScriptedGateway(script: { upstream, event in
      guard case .request(let id, let headers, _) = event else { return }
      seen.withLockedValue { $0 = headers.map { "\($0.name): \($0.value)" } }
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
      upstream.trailers(id)
    }) { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: api.test\r\n\(headers)\r\n")
      received = try await connection.answer()
      await connection.close()
    }
    let usual = [":", "te: ", "content-type: ", "user-agent: ", "grpc-accept-encoding: ", "grpc-timeout: "]
    let sent = seen.withLockedValue { $0 }.filter { line in !usual.contains { line.hasPrefix($0) } }
    return (sent, try #require(received))
  }

  @Test func whatTheGatewayKnowsIsAppended() async throws {
    let (sent, answer) = try await metadata(
      "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: outer.test\r\nX-Request-Id: r-1\r\n")
    #expect(
      sent == [
        "x-forwarded-for: 10.0.0.1, 127.0.0.1", "x-forwarded-proto: https, http",
        "x-forwarded-host: outer.test, api.test", "x-request-id: r-1",
      ])
    #expect(answer.header("x-request-id") == "r-1")
  }

  @Test func requestIDIsMadeAndEchoed() async throws {
    let (sent, answer) = try await metadata("")
    let id = try #require(answer.header("x-request-id"))
    #expect(id.count == 13)
    #expect(sent.contains("x-request-id: \(id)"))
    #expect(sent.contains("x-forwarded-for: 127.0.0.1"))
  }

  @Test func traceContextPassesThrough() async throws {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    let (sent, _) = try await metadata("Traceparent: \(parent)\r\nTracestate: a=1,b=2\r\nBaggage: k=v\r\n")
    #expect(sent.contains("traceparent: \(parent)"))
    #expect(sent.contains("tracestate: a=1,b=2"))
    #expect(sent.contains("baggage: k=v"))
  }

  @Test func whatBelongsToTheExchangeStays() async throws {
    let (sent, _) = try await metadata(
      "Accept: */*\r\nAccept-Encoding: gzip\r\nAccept-Language: de\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\n"
        + "Keep-Alive: 5\r\nContent-Language: de\r\nSec-Fetch-Mode: cors\r\nOrigin: http://a\r\nGrpc-Encoding: gzip\r\n"
        + "Proxy-Authorization: x\r\nGrpc-Metadata-Te: x\r\nX-Kept: yes\r\nGrpc-Metadata-Mine: m\r\n"
        + "Authorization: Bearer t\r\nUser-Agent: curl/8\r\n")
    let own = sent.filter { !$0.hasPrefix("x-forwarded-") && !$0.hasPrefix("x-request-id") }
    #expect(own == ["x-kept: yes", "mine: m", "authorization: Bearer t", "grpcgateway-user-agent: curl/8"])
  }

  @Test func binaryValuesAreBase64() async throws {
    let (sent, _) = try await metadata("X-Trace-Bin: AAEC/w==\r\nGrpc-Metadata-Y-Bin: AA\r\n")
    #expect(sent.contains("x-trace-bin: AAEC/w"))
    #expect(sent.contains("y-bin: AA"))
    let (_, refused) = try await metadata("X-Trace-Bin: no base64!\r\n")
    #expect(refused.status == 400)
    #expect(refused.body.contains("X-Trace-Bin"))
  }

  /// Initial metadata in the head and trailing metadata in the trailers of a stream, `-bin` as it came.
  @Test func metadataOfAStream() async throws {
    try await withScriptedGateway { upstream, id in
      upstream.respond(id, [("x-initial", "1"), ("a-bin", "AAEC"), ("bad_name", "x"), ("grpc-secret", "x")])
      upstream.message(id, OutcomeScript.message("1"))
      upstream.trailers(id, status: 0, [("x-trailing", "2"), ("b-bin", "/w")])
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.header("trailer") == "grpc-status, grpc-message")
      #expect(answer.header("grpc-metadata-x-initial") == "1")
      #expect(answer.header("grpc-metadata-a-bin") == "AAEC")
      let trailers = answer.trailers.map { "\($0.name): \($0.value)" }
      #expect(trailers == ["grpc-status: 0", "Grpc-Trailer-x-trailing: 2", "Grpc-Trailer-b-bin: /w"])
      let names = answer.headers.map { $0.name.lowercased() }
      #expect(!names.contains { $0.contains("bad") || $0.contains("secret") })
      // Who did not ask for trailers has none, and none are announced.
      try await connection.send("GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\n\r\n")
      let plain = try await connection.answer()
      #expect(plain.header("trailer") == nil)
      #expect(plain.trailers.isEmpty)
      await connection.close()
    }
  }

  @Test func metadataOfAnErrorBecomesHeaders() async throws {
    try await withScriptedGateway { upstream, id in
      upstream.headers(
        id,
        [
          (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "16"), ("grpc-message", "who%3F"),
          ("www-authenticate", "Bearer"),
        ], endStream: true)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.status == 401)
      #expect(answer.body.contains(#""message":"who?""#))
      #expect(answer.header("grpc-trailer-www-authenticate") == "Bearer")
      await connection.close()
    }
  }
}
