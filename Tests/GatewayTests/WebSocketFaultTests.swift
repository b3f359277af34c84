import Gateway
import HTTP2
import HTTPFrontEnd
import NIOCore
import ScriptedUpstream
import Testing

/// What RFC 6455 forbids, limits, and callers and upstreams that are slow or gone.
@Suite struct WebSocketFaultTests {
  /// `StringValue{"a"}`; as an `Order` it is the one with this id.
  private static let message: [UInt8] = [0x0A, 0x01, 0x61]

  struct Fault: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]
    var code: Int

    init(_ name: String, _ code: Int, _ bytes: [UInt8]) {
      testDescription = name
      self.bytes = bytes
      self.code = code
    }
  }

  static let faults = [
    Fault("not masked", 1002, WebSocketPeer.frame(1, [0x31], masked: false)),
    Fault("reserved bit 1", 1002, WebSocketPeer.frame(1, [0x31], reserved: 4)),
    Fault("reserved bit 2", 1002, WebSocketPeer.frame(1, [0x31], reserved: 2)),
    Fault("reserved bit 3", 1002, WebSocketPeer.frame(9, [], reserved: 1)),
    Fault("opcode 3", 1002, WebSocketPeer.frame(3, [])), Fault("opcode 11", 1002, WebSocketPeer.frame(11, [])),
    Fault("fragmented ping", 1002, WebSocketPeer.frame(9, [], fin: false)),
    Fault("long ping", 1002, WebSocketPeer.frame(9, .init(repeating: 0, count: 126))),
    Fault("continuation of nothing", 1002, WebSocketPeer.frame(0, [0x31])),
    Fault("message in a message", 1002, WebSocketPeer.frame(1, [0x31], fin: false) + WebSocketPeer.text("1")),
    Fault("half a close code", 1002, WebSocketPeer.frame(8, [3])),
    Fault("reserved close code", 1002, WebSocketPeer.close(1005)),
    Fault("close code below 1000", 1002, WebSocketPeer.close(999)),
    Fault("binary", 1003, WebSocketPeer.frame(2, [0x31])),
    Fault("overlong UTF-8", 1007, WebSocketPeer.frame(1, [0x22, 0xC0, 0xAF, 0x22])),
    Fault(
      "UTF-8 cut by the end", 1007, WebSocketPeer.frame(1, [0x22, 0xE2], fin: false) + WebSocketPeer.frame(0, [0x82])),
    Fault("close reason", 1007, WebSocketPeer.frame(8, [3, 232, 0xFF])),
    Fault("huge length", 1009, [0x81, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255]),
    Fault("length past 63 bits", 1009, [0x81, 0xFF, 0xFF, 255, 255, 255, 255, 255, 255, 255]),
  ]

  @Test(arguments: faults) func faultsAreClosedWithTheirCode(fault: Fault) async throws {
    try await withGateway { gateway in
      for split in 0..<fault.bytes.count {
        let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
        if split > 0 { try await peer.send(Array(fault.bytes[..<split])) }
        // The first part may have been enough to be refused.
        try? await peer.send(Array(fault.bytes[split...]))
        let end = await peer.untilClose()
        #expect(end.code == fault.code, "split at \(split)")
        #expect(end.texts == [])
        #expect(await peer.next() == nil)
        // A split costs a connection: long faults are split at their head and in their middle only.
        if fault.bytes.count > 40, split > 16 { break }
      }
    }
  }

  @Test func messagesAreReassembledWithControlFramesBetween() async throws {
    try await withGateway { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      for (index, byte) in Array(#"{"id":"é"}"#.utf8).enumerated() {
        try await peer.send(WebSocketPeer.frame(index == 0 ? 1 : 0, [byte], fin: false))
      }
      try await peer.send(WebSocketPeer.frame(9, [7]))
      try await peer.send(WebSocketPeer.frame(0, []) + WebSocketPeer.text(""))
      #expect(await peer.next() == WebSocketPeer.Frame(opcode: 10, payload: [7]))
      #expect(await peer.untilClose().texts == [#""Orders processed Updated Order IDs : é, ""#])
      await peer.disconnect()
    }
  }

  // MARK: Limits

  @Test(arguments: [(0, 1000), (1, 1009)]) func messageLimit(extra: Int, code: Int) async throws {
    try await withGateway {
      $0.frontEnd.maximumStreamedMessage = 300
    } _: { gateway in
      for fragments in 1...3 {
        let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
        let body = Array((#"{"id":"1","description":""# + String(repeating: "x", count: 273 + extra) + "\"}").utf8)
        #expect(body.count == 300 + extra)
        let size = (body.count + fragments - 1) / fragments
        for start in stride(from: 0, to: body.count, by: size) {
          let piece = Array(body[start..<min(start + size, body.count)])
          try await peer.send(WebSocketPeer.frame(start == 0 ? 1 : 0, piece, fin: start + size >= body.count))
        }
        if extra == 0 { try await peer.send("") }
        #expect(await peer.untilClose().code == code)
        await peer.disconnect()
      }
    }
  }

  @Test(arguments: [(4, 1000), (5, 1009)]) func fragmentLimit(fragments: Int, code: Int) async throws {
    try await withGateway {
      $0.frontEnd.webSocket.maximumFragments = 4
    } _: { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      var bytes = WebSocketPeer.frame(1, Array("{}".utf8), fin: false)
      for index in 2...fragments { bytes += WebSocketPeer.frame(0, [], fin: index == fragments) }
      try await peer.send(bytes + (code == 1000 ? WebSocketPeer.text("") : []))
      // An order without id is refused by the upstream: that it got there is what counts.
      #expect(await peer.untilClose().code == (code == 1000 ? 4003 : code))
      await peer.disconnect()
    }
  }

  // MARK: Callers and upstreams that are gone or slow

  @Test(arguments: [true, false]) func callerWhoLeavesCancelsTheCall(says: Bool) async throws {
    let (calls, called) = AsyncStream.makeStream(of: Void.self)
    try await withScriptedGateway(answer: { _, _ in called.yield() }) { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:search?value=a")
      for await _ in calls { break }
      if says {
        try await peer.send(WebSocketPeer.close(1000))
        #expect(await peer.next()?.code == 1000)
      } else {
        await peer.disconnect()
      }
      #expect(await gateway.nextReset() == .cancel)
    }
  }

  @Test func faultCancelsTheCall() async throws {
    let (calls, called) = AsyncStream.makeStream(of: Void.self)
    try await withScriptedGateway(answer: { _, _ in called.yield() }) { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:search?value=a")
      for await _ in calls { break }
      try await peer.send(WebSocketPeer.frame(2, []))
      #expect(await peer.untilClose().code == 1003)
      #expect(await gateway.nextReset() == .cancel)
      await peer.disconnect()
    }
  }

  @Test func brokenUpstreamIsToldAfterItsMessages() async throws {
    try await withScriptedGateway(answer: { upstream, id in
      upstream.respond(id)
      for _ in 0..<3 { upstream.message(id, Self.message) }
      upstream.reset(id, .internalError)
    }) { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:search?value=a")
      let end = await peer.untilClose()
      #expect(end.texts.count == 4)
      #expect(end.texts.last?.contains(#""reason":"UPSTREAM_RESET""#) == true)
      #expect(end.code == 4013)
      await peer.disconnect()
    }
  }

  @Test(arguments: [(0, 4013), (1, 1000), (2, 4013)]) func singleAnswerNeedsExactlyOneMessage(
    messages: Int, code: Int
  ) async throws {
    try await withScriptedGateway(answer: { upstream, id in
      upstream.respond(id)
      for _ in 0..<messages { upstream.message(id, Self.message) }
      upstream.trailers(id)
    }) { gateway in
      let peer = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      try await peer.send("")
      let end = await peer.untilClose()
      #expect(end.code == code)
      #expect(end.texts.count == 1)
      await peer.disconnect()
    }
  }

  @Test func theHandshakesHeadersAndTheTokenAreMetadata() async throws {
    let (heads, asked) = AsyncStream.makeStream(of: [String].self)
    try await withScriptedGateway(
      answer: { upstream, id in upstream.trailers(id) },
      request: { headers in asked.yield(headers.map { "\($0.name): \($0.value)" }) }
    ) { gateway in
      let peer = try await WebSocketPeer.open(
        port: gateway.port, "/v1/orders:search?value=a",
        "Sec-WebSocket-Protocol: other, bearer, t0.k-n\r\nX-Tenant: 7\r\nOrigin: http://test\r\n")
      #expect(peer.head.contains("\r\nSec-WebSocket-Protocol: bearer\r\n"))
      for await head in heads {
        #expect(head.contains("authorization: Bearer t0.k-n"))
        #expect(head.contains("x-tenant: 7"))
        #expect(!head.contains { $0.hasPrefix("sec-") || $0.hasPrefix("origin") || $0.hasPrefix("upgrade") })
        break
      }
      await peer.disconnect()
    }
  }

  @Test func sessionsWithoutACallLeaveWhenTheGatewayStops() async throws {
    try await withGateway { gateway in
      let idle = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:process")
      let stopped = Task { await gateway.stop(grace: .seconds(10)) }
      #expect(await idle.untilClose().code == 1001)
      try await idle.send(WebSocketPeer.close(1001))
      #expect(await idle.next() == nil)
      await stopped.value
    }
  }

  @Test func sessionsWithACallFinishWithinTheGrace() async throws {
    try await withGateway { gateway in
      let busy = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      try await busy.send(WebSocketPeer.text(#"{"id":"1"}"#) + WebSocketPeer.frame(9, []))
      #expect(await busy.next()?.opcode == 10)
      let stopped = Task { await gateway.stop(grace: .seconds(10)) }
      try await busy.send("")
      #expect(await busy.untilClose().code == 1000)
      try await busy.send(WebSocketPeer.close(1000))
      await stopped.value
    }
  }

  @Test func sessionsThatOutlastTheGraceGoAway() async throws {
    try await withGateway { gateway in
      let busy = try await WebSocketPeer.open(port: gateway.port, "/v1/orders:update")
      try await busy.send(WebSocketPeer.text(#"{"id":"1"}"#) + WebSocketPeer.frame(9, []))
      #expect(await busy.next()?.opcode == 10)
      await gateway.stop(grace: .zero)
      #expect(await busy.untilClose().code == 1001)
    }
  }
}
