import Gateway
import HTTP2
import NIOCore
import ScriptedUpstream
import Testing

/// Every mode in every form with every outcome, compressed and not: the exact bytes on the wire.
///
/// One gateway and one upstream for each test; the calls of a test go one after another, since one of the outcomes is
/// the death of the connection that all calls share.
@Suite struct OutcomeTests {
  private static let orders = ["1", "2", "3"].map(order)
  private static let shipments = ["1", "2", "3"].map { #"{"id":"\#($0)","status":"","orderList":[]}"# }

  private static let pieces = ["1", "2", "3"]

  private static func order(_ id: String) -> String {
    #"{"id":"\#(id)","items":[],"description":"","price":0,"destination":"","addresses":[]}"#
  }

  private func withOutcomes(
    of description: ServiceDescription? = nil, _ body: (ScriptedGateway) async throws -> Void
  ) async throws {
    let script = OutcomeScript()
    try await withScriptedGateway(description: description, script: { script.run($0, $1) }, body)
  }

  private func head(
    _ line: String, _ outcome: StreamOutcome, accept: String? = nil, gzip: Bool, trailers: Bool = false
  ) -> String {
    "\(line) HTTP/1.1\r\nHost: a\r\nX-Request-Id: t\r\nConnection: close\r\nX-Outcome: \(outcome.rawValue)\r\n"
      + (accept.map { "Accept: \($0)\r\n" } ?? "") + (gzip ? "Accept-Encoding: gzip\r\n" : "")
      + (trailers ? "TE: trailers\r\n" : "")
  }

  /// The head and a body in one chunk, without the last chunk where the upload stays open.
  private func upload(_ head: String, _ form: UploadForm, _ items: [String], gzip: Bool, ends: Bool) throws -> [UInt8] {
    let text = form.body(items, ends: ends)
    let data = gzip ? try Deflated.bytes(text, ends: ends) : Array(text.utf8)
    let lines =
      head + "Content-Type: \(form.contentType)\r\nTransfer-Encoding: chunked\r\n"
      + (gzip ? "Content-Encoding: gzip\r\n" : "") + "\r\n\(String(data.count, radix: 16))\r\n"
    return Array(lines.utf8) + data + Array((ends ? "\r\n0\r\n\r\n" : "\r\n").utf8)
  }

  /// Sends a request and compares all that comes back; a caller that is to leave does so when it has `seen` enough.
  private func expect(
    _ expected: WireAnswer?, from gateway: ScriptedGateway, to request: [UInt8],
    seen: @escaping @Sendable (WireAnswer) -> Bool = { _ in true }, _ what: String
  ) async throws {
    let connection = try await gateway.connect()
    try await connection.send(request)
    if let expected {
      let bytes = try await connection.receiveBytes()
      let answer = WireAnswer(bytes)
      #expect(answer == expected, "\(what)")
    } else {
      _ = try await connection.receiveBytes { WireAnswer($0).map(seen) ?? false }
      await connection.close()
      let code = await gateway.nextReset()
      #expect(code == .cancel, "\(what)")
    }
  }

  // MARK: Server stream

  @Test(arguments: StreamOutcome.allCases, [false, true])
  func serverStream(outcome: StreamOutcome, gzip: Bool) async throws {
    try await withOutcomes { gateway in
      for form in AnswerForm.json {
        for trailers in [false, true] {
          let head = head(
            "GET /v1/orders:search?value=a", outcome, accept: form.rawValue, gzip: gzip, trailers: trailers)
          try await expect(
            form.expected(outcome, messages: Self.orders, gzip: gzip, trailers: trailers), from: gateway,
            to: Array("\(head)\r\n".utf8), seen: { $0.body == form.body(Self.orders) },
            "\(form), trailers: \(trailers)")
        }
      }
    }
  }

  @Test(arguments: StreamOutcome.allCases, [false, true])
  func rawServerStream(outcome: StreamOutcome, gzip: Bool) async throws {
    try await withOutcomes(of: FileService.description()) { gateway in
      for trailers in [false, true] {
        let head = head("GET /v1/files/a", outcome, accept: "image/png", gzip: gzip, trailers: trailers)
        try await expect(
          AnswerForm.raw.expected(outcome, messages: Self.pieces, gzip: gzip, trailers: trailers), from: gateway,
          to: Array("\(head)\r\n".utf8), seen: { $0.body == "123" }, "trailers: \(trailers)")
      }
    }
  }

  // MARK: Bidi

  @Test(arguments: StreamOutcome.allCases, [false, true])
  func bidi(outcome: StreamOutcome, gzip: Bool) async throws {
    try await withOutcomes { gateway in
      for uploadForm in UploadForm.json {
        for form in AnswerForm.json {
          // What a caller hears at the end does not depend on how it sent its messages.
          for trailers in uploadForm == .ndjson ? [false, true] : [false] {
            let head = head(
              "POST /v1/orders:process", outcome, accept: form.rawValue, gzip: gzip, trailers: trailers)
            let request = try upload(
              head, uploadForm, ["\"1\"", "\"2\"", "\"3\""], gzip: gzip, ends: Self.hearsTheEnd(outcome))
            try await expect(
              form.expected(outcome, messages: Self.shipments, gzip: gzip, trailers: trailers), from: gateway,
              to: request, seen: { $0.body == form.body(Self.shipments) },
              "\(uploadForm) to \(form), trailers: \(trailers)")
          }
        }
      }
    }
  }

  /// Whether the upstream of a bidi call waits for the end of the upload before it ends.
  private static func hearsTheEnd(_ outcome: StreamOutcome) -> Bool { outcome == .ok || outcome == .errorBefore }

  @Test(arguments: StreamOutcome.allCases, [false, true])
  func rawBidi(outcome: StreamOutcome, gzip: Bool) async throws {
    try await withOutcomes(of: FileService.description()) { gateway in
      for trailers in [false, true] {
        let head = head("POST /v1/files:copy", outcome, gzip: gzip, trailers: trailers)
        let request = try upload(head, .raw, Self.pieces, gzip: gzip, ends: Self.hearsTheEnd(outcome))
        try await expect(
          AnswerForm.raw.expected(outcome, messages: Self.pieces, gzip: gzip, trailers: trailers), from: gateway,
          to: request, seen: { $0.body == "123" }, "trailers: \(trailers)")
      }
    }
  }

  // MARK: One answer

  private func single(_ body: String) -> WireAnswer {
    let lines = [
      "HTTP/1.1 200 OK", "Content-Type: application/json", "Vary: Accept-Encoding",
      "Content-Length: \(body.utf8.count)", "X-Request-Id: t", "Connection: close", "Date: now", "", "",
    ]
    return WireAnswer(head: lines.joined(separator: "\r\n"), body: body, isTerminated: true)
  }

  private func expectedSingle(_ body: String, _ outcome: StreamOutcome) -> WireAnswer? {
    switch outcome {
    case .ok: single(body)
    case .errorBefore, .errorAfterThree, .reset, .death: Failure(outcome).answer
    case .callerLeaves: nil
    }
  }

  @Test(arguments: StreamOutcome.allCases, [false, true])
  func unary(outcome: StreamOutcome, gzip: Bool) async throws {
    let (calls, called) = AsyncStream.makeStream(of: Void.self)
    let script = OutcomeScript()
    try await withScriptedGateway(script: { connection, event in
      script.run(connection, event)
      if case .request = event { called.yield() }
    }) { gateway in
      let request = Array((head("GET /v1/orders/1", outcome, gzip: gzip) + "\r\n").utf8)
      guard let expected = expectedSingle(Self.order("1"), outcome) else {
        let connection = try await gateway.connect()
        try await connection.send(request)
        for await _ in calls { break }
        await connection.close()
        let code = await gateway.nextReset()
        #expect(code == .cancel)
        return
      }
      try await expect(expected, from: gateway, to: request, "unary")
    }
  }

  @Test(arguments: StreamOutcome.allCases, [false, true])
  func clientStream(outcome: StreamOutcome, gzip: Bool) async throws {
    let items = Self.pieces.map { #"{"id":"\#($0)"}"# }
    for form in UploadForm.json {
      try await expectSingle(
        "\"1,2,3\"", "POST /v1/orders:update", outcome, form, items, gzip: gzip, description: nil)
    }
  }

  @Test(arguments: StreamOutcome.allCases, [false, true])
  func rawClientStream(outcome: StreamOutcome, gzip: Bool) async throws {
    try await expectSingle(
      "\"123\"", "POST /v1/files", outcome, .raw, Self.pieces, gzip: gzip, description: FileService.description())
  }

  private func expectSingle(
    _ body: String, _ line: String, _ outcome: StreamOutcome, _ form: UploadForm, _ items: [String], gzip: Bool,
    description: ServiceDescription?
  ) async throws {
    // A gateway for each: one whose upstream has just died waits before it connects again.
    let (pieces, received) = AsyncStream.makeStream(of: Void.self)
    let script = OutcomeScript()
    try await withScriptedGateway(
      description: description,
      script: { connection, event in
        script.run(connection, event)
        if case .data = event { received.yield() }
      }
    ) { gateway in
      let request = try upload(head(line, outcome, gzip: gzip), form, items, gzip: gzip, ends: outcome == .ok)
      if let expected = expectedSingle(body, outcome) {
        try await expect(expected, from: gateway, to: request, "\(form)")
      } else {
        let connection = try await gateway.connect()
        try await connection.send(request)
        for await _ in pieces { break }
        await connection.close()
        let code = await gateway.nextReset()
        #expect(code == .cancel, "\(form)")
      }
    }
  }
}
