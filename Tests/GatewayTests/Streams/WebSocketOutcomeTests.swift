import HTTP2
import NIOCore
import ScriptedUpstream
import Testing

/// Every streaming mode over WebSocket with every outcome: each frame that the caller is sent.
///
/// No compression is agreed on, whatever the handshake's `Accept-Encoding` or extensions say: the same frames come.
@Suite struct WebSocketOutcomeTests {
  private static let headers = [
    "", "Accept-Encoding: gzip\r\nSec-WebSocket-Extensions: permessage-deflate\r\nTE: trailers\r\n",
  ]

  private static func order(_ id: String) -> String {
    #"{"id":"\#(id)","items":[],"description":"","price":0,"destination":"","addresses":[]}"#
  }

  /// Opens a session with these frames behind the handshake and compares all that comes back.
  private func expect(
    _ texts: [String], _ path: String, _ outcome: StreamOutcome, frames: [UInt8], headers: String,
    isSingle: Bool = false
  ) async throws {
    let (pieces, received) = AsyncStream.makeStream(of: Void.self)
    let script = OutcomeScript()
    try await withScriptedGateway(script: { connection, event in
      script.run(connection, event)
      if case .data = event { received.yield() }
    }) { gateway in
      let peer = try await WebSocketPeer.open(
        port: gateway.port, path, "X-Outcome: \(outcome.rawValue)\r\n\(headers)", frames: frames)
      #expect(!peer.head.contains("Extensions"))
      #expect(!peer.head.contains("Encoding"))
      switch outcome {
      case .ok:
        let end = await peer.untilClose()
        #expect(end.texts == texts)
        #expect(end.code == 1000)
      case .errorBefore, .errorAfterThree, .reset, .death:
        let end = await peer.untilClose()
        let failure = Failure(outcome)
        let before = outcome == .errorBefore || isSingle ? [] : texts
        #expect(end.texts == before + [failure.object])
        #expect(end.code == failure.closeCode)
      case .callerLeaves:
        if isSingle {
          for await _ in pieces { break }
        } else {
          for text in texts { #expect(await peer.next()?.text == text) }
        }
        await peer.disconnect()
        let code = await gateway.nextReset()
        #expect(code == .cancel)
        return
      }
      // Both have closed: the gateway closes the connection.
      try await peer.send(WebSocketPeer.close(1000))
      #expect(await peer.next() == nil)
    }
  }

  @Test(arguments: StreamOutcome.allCases, headers)
  func serverStream(outcome: StreamOutcome, headers: String) async throws {
    try await expect(
      ["1", "2", "3"].map(Self.order), "/v1/orders:search?value=a", outcome, frames: [], headers: headers)
  }

  @Test(arguments: StreamOutcome.allCases, headers)
  func bidi(outcome: StreamOutcome, headers: String) async throws {
    let ends = outcome == .ok || outcome == .errorBefore
    let frames = ["\"1\"", "\"2\"", "\"3\""].flatMap(WebSocketPeer.text) + (ends ? WebSocketPeer.text("") : [])
    try await expect(
      ["1", "2", "3"].map { #"{"id":"\#($0)","status":"","orderList":[]}"# }, "/v1/orders:process", outcome,
      frames: frames, headers: headers)
  }

  @Test(arguments: StreamOutcome.allCases, headers)
  func clientStream(outcome: StreamOutcome, headers: String) async throws {
    let frames = ["1", "2", "3"].flatMap { WebSocketPeer.text(#"{"id":"\#($0)"}"#) }
    try await expect(
      ["\"1,2,3\""], "/v1/orders:update", outcome,
      frames: frames + (outcome == .ok ? WebSocketPeer.text("") : []), headers: headers, isSingle: true)
  }
}
