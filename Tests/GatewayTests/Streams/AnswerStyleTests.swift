import Gateway
import HTTPFrontEnd
import ScriptedUpstream
import Testing

/// Answers as other gateways write them (docs/migrating.md).
@Suite struct AnswerStyleTests {
  private static let order = #"{"id":"1","items":[],"description":"","price":0,"destination":"","addresses":[]}"#
  private static let status = #"{"code":13,"message":"broke","details":[]}"#

  private func withStyle(
    _ change: (inout AnswerStyle) -> Void, _ body: (ScriptedGateway) async throws -> Void
  ) async throws {
    let script = OutcomeScript()
    var style = AnswerStyle()
    change(&style)
    try await withScriptedGateway(configure: { $0.answerStyle = style }, script: { script.run($0, $1) }, body)
  }

  private func ask(
    _ gateway: ScriptedGateway, _ path: String, accept: String? = nil, _ outcome: StreamOutcome = .ok
  ) async throws -> WireAnswer {
    let connection = try await gateway.connect()
    try await connection.send(
      "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Outcome: \(outcome.rawValue)\r\n"
        + (accept.map { "Accept: \($0)\r\n" } ?? "") + "\r\n")
    return try #require(WireAnswer(try await connection.receiveBytes()))
  }

  private static func type(_ answer: WireAnswer) -> String {
    let line = answer.head.split(separator: "\r\n").first { $0.hasPrefix("Content-Type: ") }
    return line.map { String($0.dropFirst(14)) } ?? ""
  }

  @Test(arguments: [
    (nil, "application/json", "{\"result\":M}\n"), ("application/json", "application/json", "{\"result\":M}\n"),
    ("*/*", "application/json", "{\"result\":M}\n"),
    ("application/x-ndjson", "application/x-ndjson", "{\"result\":M}\n"),
    ("application/json-seq", "application/json-seq", "\u{1E}{\"result\":M}\n"),
  ]) func envelopeStandsAroundEveryMessage(accept: String?, type: String, line: String) async throws {
    try await withStyle {
      $0.streamEnvelope = true
    } _: { gateway in
      let answer = try await ask(gateway, "/v1/orders:search?value=a", accept: accept)
      let lines = ["1", "2", "3"].map {
        line.replacing("M", with: Self.order.replacing("\"1\"", with: "\"\($0)\""))
      }
      #expect(answer.body == lines.joined())
      #expect(Self.type(answer) == type)
      #expect(answer.isTerminated)
    }
  }

  @Test func envelopeOfAnErrorHoldsTheStatus() async throws {
    try await withStyle {
      $0.streamEnvelope = true
    } _: { gateway in
      let before = try await ask(gateway, "/v1/orders:search?value=a", .errorBefore)
      #expect(before.head.hasPrefix("HTTP/1.1 500 "))
      #expect(before.body == #"{"error":\#(Self.status)}"#)
      let after = try await ask(gateway, "/v1/orders:search?value=a", .errorAfterThree)
      #expect(after.body.hasSuffix("}\n{\"error\":\(Self.status)}\n"))
      #expect(!after.isTerminated)
      // A request that is refused, and a call with one answer, have the usual shape.
      let refused = try await ask(gateway, "/v1/orders:search?valu=a")
      #expect(refused.body.hasPrefix(#"{"error":{"code":400,"#))
      let unary = try await ask(gateway, "/v1/orders/1", .errorBefore)
      #expect(unary.body.hasPrefix(#"{"error":{"code":500,"#))
      let message = try await ask(gateway, "/v1/orders/1")
      #expect(message.body == Self.order)
    }
  }

  @Test func bareStatusErrors() async throws {
    try await withStyle {
      $0.bareStatusErrors = true
    } _: { gateway in
      let unary = try await ask(gateway, "/v1/orders/1", .errorBefore)
      #expect(unary.head.hasPrefix("HTTP/1.1 500 "))
      #expect(unary.body == Self.status)
      let before = try await ask(gateway, "/v1/orders:search?value=a", .errorBefore)
      #expect(before.body == Self.status)
      let notFound = try await ask(gateway, "/nowhere")
      #expect(notFound.body.hasPrefix(#"{"code":5,"message":""#))
      // Within a stream it has to be told from a message.
      let after = try await ask(gateway, "/v1/orders:search?value=a", .errorAfterThree)
      #expect(after.body.hasSuffix("}\n{\"error\":\(Self.status)}\n"))
    }
  }

  @Test(arguments: AnswerStyle.StreamDefault.allCases) func defaultOfStreams(form: AnswerStyle.StreamDefault)
    async throws
  {
    let expected =
      switch form {
      case .ndjson: "application/x-ndjson"
      case .array: "application/json"
      case .events: "text/event-stream"
      case .sequence: "application/json-seq"
      }
    try await withStyle {
      $0.streamDefault = form
    } _: { gateway in
      for accept in [nil, "*/*", "application/json;q=0, */*"] {
        let answer = try await ask(gateway, "/v1/orders:search?value=a", accept: accept)
        guard accept?.hasPrefix("application/json") != true || form != .array else { continue }
        #expect(Self.type(answer) == expected, "\(accept ?? "nothing")")
      }
      // Who has a wish is given it.
      let lines = try await ask(gateway, "/v1/orders:search?value=a", accept: "application/x-ndjson")
      #expect(Self.type(lines) == "application/x-ndjson")
    }
  }

  @Test func envelopeHasNoArrayToBeTheDefault() async throws {
    var style = AnswerStyle()
    style.streamEnvelope = true
    style.streamDefault = .array
    #expect(style.conflict != nil)
    await #expect(throws: GatewayFailure.self) {
      try await withScriptedGateway(configure: { $0.answerStyle = style }, script: { _, _ in }) { _ in }
    }
  }
}
