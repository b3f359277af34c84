import Compression
import GRPCUpstream
import GRPCWire
import Gateway
import HTTP2
import HTTPFrontEnd
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

/// Requests by `Content-Encoding`, over sockets.
@Suite struct RequestCompressionTests {
  /// The answer to a request with this body; `length` declares it, else it goes in one chunk.
  private func post(
    _ gateway: ScriptedGateway, _ path: String, _ body: [UInt8], coding: String, chunked: Bool = false,
    type: String = "application/json"
  ) async throws -> WireAnswer {
    let connection = try await gateway.connect()
    var head = "POST \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: \(type)\r\n"
    head += "Content-Encoding: \(coding)\r\n"
    head += chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: \(body.count)\r\n\r\n"
    let size = String(body.count, radix: 16)
    let framed = chunked ? Array("\(size)\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8) : body
    try await connection.send(Array(head.utf8) + framed)
    return try #require(WireAnswer(try await connection.receiveBytes()))
  }

  private func withUpstream(
    configure: (inout GatewayConfiguration) -> Void = { _ in }, _ body: (ScriptedGateway) async throws -> Void
  ) async throws {
    let script = OutcomeScript()
    try await withScriptedGateway(configure: configure, script: { script.run($0, $1) }, body)
  }

  @Test(arguments: [("gzip", CompressionFormat.gzip), ("x-gzip", .gzip), ("Deflate", .zlib)], [false, true])
  func streamedUploadIsInflated(coding: (String, CompressionFormat), chunked: Bool) async throws {
    try await withUpstream { gateway in
      let body = try Deflated.bytes(#"{"id":"1"}{"id":"2"} {"id":"3"}"#, coding.1)
      let answer = try await post(gateway, "/v1/orders:update", body, coding: coding.0, chunked: chunked)
      #expect(answer.body == "\"1,2,3\"")
    }
  }

  @Test func unaryBodyIsInflated() async throws {
    try await withGateway { gateway in
      for (coding, body) in [
        ("gzip", try Deflated.bytes(#"{"id":"7"}"#)), ("deflate", try Deflated.bytes(#"{"id":"7"}"#, .zlib)),
        ("identity", Array(#"{"id":"7"}"#.utf8)), ("gzip, identity", try Deflated.bytes(#"{"id":"7"}"#)),
      ] {
        let connection = try await gateway.connect()
        let head = "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Encoding: \(coding)\r\n"
        // In two pieces, as the network may have it.
        try await connection.send(Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body.prefix(3))
        try await connection.send(Array(body.dropFirst(3)))
        let answer = try await connection.answer()
        #expect(answer.body == #""Order Added: 7""#, "\(coding)")
        await connection.close()
      }
    }
  }

  /// gzip of several members is one text (RFC 1952 §2.2); a body of no bytes is no message, whatever its coding.
  @Test func membersAndEmptyBodies() async throws {
    try await withUpstream { gateway in
      let body = try Deflated.bytes(#"{"id":"1"}{"id""#) + Deflated.bytes(#":"2"}"#)
      #expect(try await post(gateway, "/v1/orders:update", body, coding: "gzip").body == "\"1,2\"")
      #expect(try await post(gateway, "/v1/orders:update", [], coding: "gzip").body == "\"\"")
    }
  }

  @Test(arguments: ["br", "zstd", "gzip, gzip", "gzip, deflate", "compress", "gzip;q=1", "gz ip"])
  func othersAre415AndHearWhatIsTaken(coding: String) async throws {
    try await withUpstream { gateway in
      for path in ["/v1/orders", "/v1/orders:update"] {
        let answer = try await post(gateway, path, Array("{}".utf8), coding: coding)
        #expect(answer.head.hasPrefix("HTTP/1.1 415 "))
        #expect(answer.head.contains("\r\nAccept-Encoding: gzip, deflate\r\n"))
      }
    }
  }

  @Test func damagedDataIs400() async throws {
    let whole = try Deflated.bytes(#"{"id":"1","items":["a","b"]}"#)
    var wrongSum = whole
    wrongSum[wrongSum.count - 5] ^= 1
    var noGzip = whole
    noGzip[0] = 0
    let bodies = [Array(whole.dropLast()), Array(whole.prefix(12)), Array(whole.prefix(1)), wrongSum, noGzip]
    try await withUpstream { gateway in
      for body in bodies + [whole + [1]] {
        for path in ["/v1/orders", "/v1/orders:update"] {
          let answer = try await post(gateway, path, body, coding: "gzip", chunked: true)
          #expect(answer.head.hasPrefix("HTTP/1.1 400 "), "\(body.count) of \(whole.count)")
          #expect(answer.body.contains("Content-Encoding gzip"))
        }
      }
    }
  }

  @Test(arguments: ["/v1/orders", "/v1/orders:update"]) func limitsHoldAfterInflating(path: String) async throws {
    try await withUpstream {
      $0.frontEnd.maximumRequestBody = 1000
      $0.frontEnd.maximumStreamedMessage = 1000
    } _: { gateway in
      func status(_ count: Int) async throws -> Substring {
        let body = try Deflated.bytes(#"{"id":""# + String(repeating: "x", count: count - 9) + #""}"#)
        return try await post(gateway, path, body, coding: "gzip", chunked: true).head.prefix(12)
      }
      let beyond = try await status(1001)
      #expect(beyond == "HTTP/1.1 413")
      guard path == "/v1/orders:update" else { return }
      // The scripted upstream only answers uploads.
      let atLimit = try await status(1000)
      #expect(atLimit == "HTTP/1.1 200")
    }
  }

  /// 16 MiB in 16 KiB: refused at the limit, and nobody beside it has to wait until all of it is inflated.
  @Test func bombIsRefusedAtTheLimit() async throws {
    let bomb = try Deflated.bytes("{\"id\":\"" + String(repeating: "x", count: 16 << 20))
    #expect(bomb.count < 1 << 20)
    try await withUpstream { gateway in
      for path in ["/v1/orders", "/v1/orders:update"] {
        let answer = try await post(gateway, path, bomb, coding: "gzip", chunked: true)
        #expect(answer.head.hasPrefix("HTTP/1.1 413 "))
      }
    }
  }

  /// An upstream that takes nothing is sent no more than its windows and the gateway's watermarks hold, however much
  /// more the compressed bytes that are there already stand for.
  @Test func inflatingPausesWithTheUpstream() async throws {
    var options = ScriptedConnection.Options()
    options.opensWindows = false
    let received = NIOLockedValueBox(0)
    let (pieces, report) = AsyncStream.makeStream(of: Int.self)
    try await withScriptedGateway(options: options) { _, event in
      guard case .data(_, let bytes, _) = event else { return }
      let total = received.withLockedValue { count in
        count += bytes.readableBytes
        return count
      }
      report.yield(total)
    } _: { gateway in
      let line = #"{"id":"1","description":""# + String(repeating: "y", count: 1000) + "\"}\n"
      let body = try Deflated.bytes(String(repeating: line, count: 8000))
      let connection = try await gateway.connect()
      try await connection.send(
        "POST /v1/orders:update HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
          + "Content-Type: application/x-ndjson\r\nContent-Length: \(body.count)\r\n\r\n")
      try await connection.send(body)
      for await total in pieces where total >= 65_535 { break }
      // The window of 65,535 bytes is used up: everything else waits. A call beside it is served meanwhile, by which
      // time whatever would have been sent had been sent.
      let other = try await gateway.connect()
      try await other.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await other.answer().status == 404)
      #expect(received.withLockedValue { $0 } == 65_535)
      await other.close()
      await connection.close()
      let code = await gateway.nextReset()
      #expect(code == .cancel)
    }
  }

  /// A megabyte of orders in a few kilobytes arrives whole and in order though the event loop gives others their turn.
  @Test func muchFromLittleArrivesWhole() async throws {
    let count = NIOLockedValueBox(0)
    try await withScriptedGateway { upstream, event in
      switch event {
      case .data(let id, let bytes, let endStream):
        count.withLockedValue { $0 += bytes.readableBytes }
        guard endStream else { return }
        upstream.respond(id)
        upstream.message(id, OutcomeScript.message("all"))
        upstream.trailers(id)
      default: break
      }
    } _: { gateway in
      let line = #"{"id":"1","description":""# + String(repeating: "y", count: 1000) + "\"}\n"
      let body = try Deflated.bytes(String(repeating: line, count: 2000))
      let answer = try await post(gateway, "/v1/orders:update", body, coding: "gzip", type: "application/x-ndjson")
      #expect(answer.body == "\"all\"")
      // Prefix, id, description with its tag and length.
      let received = count.withLockedValue { $0 }
      #expect(received == 2_022_000)
    }
  }

  @Test(arguments: ["gzip", "deflate"]) func messagesToTheUpstreamAreCompressedWhereWanted(encoding: String)
    async throws
  {
    let seen = NIOLockedValueBox<(encoding: String?, bytes: [UInt8])>((nil, []))
    try await withScriptedGateway {
      $0.upstreamLimits.requestEncoding = encoding == "gzip" ? .gzip : .deflate
    } script: { upstream, event in
      switch event {
      case .request(_, let headers, _): seen.withLockedValue { $0.encoding = headers.first(name: "grpc-encoding") }
      case .data(let id, let bytes, let endStream):
        seen.withLockedValue { $0.bytes += Array(bytes.readableBytesView) }
        guard endStream else { return }
        upstream.respond(id)
        upstream.message(id, OutcomeScript.message("ok"))
        upstream.trailers(id)
      default: break
      }
    } _: { gateway in
      let text = String(repeating: "z", count: 3000)
      let body = #"{"description":"\#(text)"}{"id":"short"}"#
      let answer = try await post(gateway, "/v1/orders:update", Array(body.utf8), coding: "identity")
      #expect(answer.body == "\"ok\"")
      let (used, bytes) = seen.withLockedValue { $0 }
      #expect(used == encoding)
      #expect(bytes.first == 1)
      let length = bytes.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
      let (inflated, isWhole) = WireAnswer.inflate(
        Array(bytes.dropFirst(5).prefix(length)), encoding == "gzip" ? .gzip : .zlib)
      #expect(isWhole)
      let expected: [UInt8] = [0x1A, 0xB8, 0x17] + Array(text.utf8)
      #expect(inflated == String(decoding: expected, as: UTF8.self))
      // What is not worth it goes as it is.
      let rest = Array(bytes.dropFirst(5 + length))
      let short = ScriptedConnection.framed(OutcomeScript.message("short"))
      #expect(rest == short)
    }
  }
}
