import Gateway
import HTTP2
import HTTPFrontEnd
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

/// How long a call may take, who says so, and what becomes of those that take longer.
@Suite struct DeadlineTests {
  private static let search = "GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\n"

  /// The `grpc-timeout` that the upstream is sent.
  private func timeoutSent(
    _ request: String, configure: (inout GatewayConfiguration) -> Void = { _ in }
  ) async throws -> String? {
    let seen = NIOLockedValueBox<String?>(nil)
    try await withScriptedGateway(
      configure: configure,
      script: { upstream, event in
        guard case .request(let id, let headers, _) = event else { return }
        seen.withLockedValue { $0 = headers.first(name: "grpc-timeout") }
        upstream.respond(id)
        upstream.message(id, OutcomeScript.message("1"))
        upstream.trailers(id)
      }
    ) { gateway in
      let connection = try await gateway.connect()
      try await connection.send("\(request)\r\n")
      #expect(try await connection.answer().status == 200)
      await connection.close()
    }
    return seen.withLockedValue { $0 }
  }

  @Test(arguments: [
    ("", "15S"), ("Grpc-Timeout: 25000m\r\n", "25S"), ("X-Server-Timeout: 25.5\r\n", "25500m"),
    // The shorter of the two holds.
    ("Grpc-Timeout: 40S\r\nX-Server-Timeout: 30\r\n", "30S"), ("Grpc-Timeout: 30S\r\nX-Server-Timeout: 40\r\n", "30S"),
    // Capped.
    ("Grpc-Timeout: 99999999H\r\n", "1M"), ("X-Server-Timeout: 60.5\r\n", "1M"), ("X-Server-Timeout: 60\r\n", "1M"),
    ("X-Server-Timeout: 59\r\n", "59S"),
  ])
  func deadlineOfAUnaryCall(headers: String, expected: String) async throws {
    let sent = try await timeoutSent("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\(headers)") {
      $0.frontEnd.maximumDeadline = .seconds(60)
    }
    let duration = try #require(sent)
    #expect(Self.nanoseconds(duration) == Self.nanoseconds(expected))
  }

  @Test func streamsHaveNoneUnlessTheyAskForOne() async throws {
    #expect(try await timeoutSent(Self.search) == nil)
    let asked = try await timeoutSent(Self.search + "Grpc-Timeout: 30S\r\n")
    #expect(asked.map(Self.nanoseconds) == 30_000_000_000)
  }

  @Test(arguments: [
    "GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nGrpc-Timeout: 0n\r\n", search + "X-Server-Timeout: 0\r\n",
    "POST /v1/orders HTTP/1.1\r\nHost: a\r\nGrpc-Timeout: 0S\r\nContent-Length: 0\r\n",
  ])
  func aCallThatIsGivenNoTimeIsNotMade(request: String) async throws {
    let calls = NIOLockedValueBox(0)
    try await withScriptedGateway(script: { upstream, event in
      guard case .request(let id, _, _) = event else { return }
      calls.withLockedValue { $0 += 1 }
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
      upstream.trailers(id)
    }) { gateway in
      let connection = try await gateway.connect()
      for _ in 0..<3 {
        try await connection.send("\(request)\r\n")
        #expect(try await connection.answer().status == 504)
      }
      await connection.close()
    }
    #expect(calls.withLockedValue { $0 } == 0)
  }

  // MARK: Uploads that take their time

  private static let upload = "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n"

  /// Waits, by the gateway's own clock, until a call with such a deadline is over.
  private func pass(_ timeout: String, _ gateway: ScriptedGateway) async throws {
    let connection = try await gateway.connect()
    try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nGrpc-Timeout: \(timeout)\r\n\r\n")
    #expect(try await connection.answer().status == 504)
    await connection.close()
  }

  /// Runs `body` against an upstream that answers `addOrder` and nothing else; the timeouts that it was told.
  private func withSlowUploads(
    configure: (inout GatewayConfiguration) -> Void = { _ in }, _ body: (ScriptedGateway) async throws -> Void
  ) async throws -> [String] {
    let seen = NIOLockedValueBox<[String]>([])
    try await withScriptedGateway(
      configure: configure,
      script: { upstream, event in
        guard case .request(let id, let headers, _) = event,
          headers.first(name: ":path")?.hasSuffix("/addOrder") == true
        else { return }
        seen.withLockedValue { $0.append(headers.first(name: "grpc-timeout") ?? "none") }
        upstream.respond(id)
        upstream.message(id, OutcomeScript.message("1"))
        upstream.trailers(id)
      }, body)
    return seen.withLockedValue { $0 }
  }

  @Test func theDefaultDeadlineRunsFromTheEndOfTheUpload() async throws {
    let told = try await withSlowUploads {
      $0.frontEnd.unaryDeadline = .seconds(2)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.upload + "\r\n{   ")
      try await pass("2200m", gateway)
      try await connection.send("   }")
      #expect(try await connection.answer().status == 200)
      await connection.close()
    }
    #expect(told.map(Self.nanoseconds) == [2_000_000_000])
  }

  @Test func aDeadlineThatIsAskedForRunsFromTheHead() async throws {
    let told = try await withSlowUploads { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.upload + "Grpc-Timeout: 50m\r\n\r\n{")
      let answer = try await connection.answer()
      #expect(answer.status == 504)
      #expect(answer.body.contains(#""reason":"DEADLINE_EXCEEDED""#))
      await connection.close()
    }
    #expect(told == [])
  }

  @Test func theUpstreamIsToldWhatTheUploadHasLeftOfIt() async throws {
    let told = try await withSlowUploads { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.upload + "Grpc-Timeout: 30S\r\n\r\n{")
      try await pass("100m", gateway)
      try await connection.send("      }")
      #expect(try await connection.answer().status == 200)
      await connection.close()
    }
    let left = try #require(told.first.flatMap(Self.nanoseconds))
    // A little less than what has passed, in case that the gateway has read the two requests the other way round.
    #expect(left <= 29_950_000_000)
    #expect(left > 10_000_000_000)
  }

  private static func nanoseconds(_ text: String) -> Int? {
    let units: [Character: Int] = [
      "H": 3_600_000_000_000, "M": 60_000_000_000, "S": 1_000_000_000, "m": 1_000_000, "u": 1000, "n": 1,
    ]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()) else { return nil }
    return count * unit
  }

  @Test(arguments: ["5", "1s", "123456789S", "-1S", "S", "1.5S", ""]) func badTimeoutIs400(value: String) async throws {
    try await withScriptedGateway(answer: { _, _ in }) { gateway in
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nGrpc-Timeout: \(value)\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.status == 400)
      #expect(answer.body.contains("Grpc-Timeout"))
      await connection.close()
    }
  }

  /// A stream that has begun cannot have a status of its own any more.
  @Test(arguments: [false, true]) func deadlineWithinAStreamBreaksIt(gzip: Bool) async throws {
    try await withScriptedGateway { upstream, id in
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(
        Self.search + "X-Server-Timeout: 1\r\n" + (gzip ? "Accept-Encoding: gzip\r\n" : "") + "\r\n")
      let answer = try #require(WireAnswer(try await connection.receiveBytes()))
      #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.body.split(separator: "\n").last?.contains(#""reason":"DEADLINE_EXCEEDED""#) == true)
      #expect(!answer.isTerminated)
      #expect(answer.isInflatedToEnd == (gzip ? false : nil))
      let code = await gateway.nextReset()
      #expect(code == .cancel)
    }
  }

  @Test func idleStreamIsEnded() async throws {
    try await withScriptedGateway {
      $0.frontEnd.streamIdleTimeout = .milliseconds(50)
    } answer: { upstream, id in
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
    } _: { gateway in
      let text = try await gateway.exchange(Self.search + "\r\n")
      #expect(HTTPAnswer.partialBody(text).contains(#""reason":"STREAM_IDLE""#))
      #expect(HTTPAnswer.parse(text) == nil)
      let code = await gateway.nextReset()
      #expect(code == .cancel)
    }
  }

  private static func stream(_ path: String, ends: Bool) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "4\r\n\"a\"\n\r\n" + (ends ? "0\r\n\r\n" : "")
  }

  /// A stream has no deadline of its own, so silence from its beginning is what ends it.
  @Test(arguments: [search + "\r\n", stream("/v1/orders:process", ends: true)])
  func aStreamThatNeverBeginsIsGivenUp(request: String) async throws {
    try await withScriptedGateway {
      $0.frontEnd.streamIdleTimeout = .milliseconds(50)
    } answer: { _, _ in
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(request)
      let answer = try await connection.answer()
      #expect(answer.status == 504)
      #expect(answer.body.contains(#""reason":"STREAM_IDLE""#))
      let code = await gateway.nextReset()
      #expect(code == .cancel)
      await connection.close()
    }
  }

  @Test func aCallerThatSaysNothingMoreMayListen() async throws {
    /// A message every 100 ms, longer than a stream may be idle.
    @Sendable func tell(_ upstream: ScriptedConnection, _ id: StreamID, _ left: Int) {
      guard left > 0 else { return upstream.trailers(id) }
      upstream.message(id, OutcomeScript.message("1"))
      upstream.after(.milliseconds(100)) { tell($0, id, left - 1) }
    }
    try await withScriptedGateway {
      $0.frontEnd.streamIdleTimeout = .seconds(2)
    } answer: { upstream, id in
      upstream.respond(id)
      tell(upstream, id, 25)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.stream("/v1/orders:process", ends: false))
      let answer = try await connection.answer()
      #expect(answer.status == 200)
      #expect(answer.body.split(separator: "\n").count == 25)
      await connection.close()
    }
  }

  /// Comments keep proxies from closing an event stream; they are no sign of life of the stream itself.
  @Test func idleEventStreamHasCommentsAndEndsAllTheSame() async throws {
    try await withScriptedGateway {
      $0.frontEnd.eventStreamKeepAlive = .milliseconds(10)
      $0.frontEnd.streamIdleTimeout = .milliseconds(200)
    } answer: { upstream, id in
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(Self.search + "Accept: text/event-stream\r\n\r\n")
      let answer = try await connection.answer()
      let events = answer.body.components("\n\n")
      #expect(events.first?.hasPrefix("id: 1\ndata: {") == true)
      #expect(events.filter { $0 == ": keepalive" }.count >= 2)
      #expect(events.last { !$0.isEmpty }?.hasPrefix("event: error\ndata: {") == true)
      #expect(answer.body.contains(#""reason":"STREAM_IDLE""#))
      await connection.close()
    }
  }

  /// The upstream hears of a caller's end before anything that happens at the gateway afterwards.
  ///
  /// Not measured in time, which a busy machine would spoil: the second caller's request, sent after the first caller
  /// has gone, must find the RST_STREAM of the first before it.
  @Test func cancelGoesBeforeWhatComesLater() async throws {
    let (events, report) = AsyncStream.makeStream(of: String.self)
    try await withScriptedGateway(script: { upstream, event in
      switch event {
      case .request(let id, let headers, _):
        report.yield("request \(headers.first(name: "x-name") ?? "")")
        upstream.respond(id)
        upstream.message(id, OutcomeScript.message("1"))
      case .frame(.resetStream(let reset)): report.yield("reset \(reset.code)")
      default: break
      }
    }) { gateway in
      let first = try await gateway.connect()
      try await first.send(Self.search + "X-Name: first\r\n\r\n")
      _ = try await first.receive { HTTPAnswer.partialBody($0).hasSuffix("\n") }
      await first.close()
      // The FIN is in the gateway's socket: it is read in the same turn as this request at the latest.
      let second = try await gateway.connect()
      try await second.send(Self.search + "X-Name: second\r\n\r\n")
      _ = try await second.receive { HTTPAnswer.partialBody($0).hasSuffix("\n") }
      await second.close()
      _ = await gateway.nextReset()
      _ = await gateway.nextReset()
      report.finish()
      var seen: [String] = []
      for await event in events { seen.append(event) }
      #expect(seen == ["request first", "reset CANCEL", "request second", "reset CANCEL"])
    }
  }
}

extension String {
  /// The parts between one separator and the next.
  fileprivate func components(_ separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
