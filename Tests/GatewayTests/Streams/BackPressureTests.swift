import Gateway
import HTTP2
import HTTPFrontEnd
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

/// Slow callers hold their upstream back, slow upstreams their caller, and what the gateway keeps meanwhile is bounded:
/// over HTTP and over WebSocket.
@Suite struct BackPressureTests {
  enum Way: CaseIterable { case http, webSocket }

  /// What the kernel keeps of each socket is about this, twice; so the rest is the gateway's.
  private static let socketBuffer = 32 * 1024
  /// A window (256 KiB to the gateway, 64 KiB from it), the watermarks, one read, four socket buffers, and half as
  /// much again.
  private static let mostOnTheWay = 1024 * 1024

  private func withSmallBuffers(
    options: ScriptedConnection.Options = .init(), script: @escaping ScriptedUpstream.Script,
    _ body: (ScriptedGateway) async throws -> Void
  ) async throws {
    try await withScriptedGateway(
      options: options,
      configure: {
        $0.frontEnd.prepareChannel = { try SocketBuffers.set(Self.socketBuffer, of: $0) }
      }, script: script, body)
  }

  /// Returns once `count` has stayed the same while the gateway's event loop had many turns.
  private func settled(_ gateway: ScriptedGateway, _ count: () -> Int) async throws -> Int {
    let beside = try await gateway.connect()
    var before = -1
    var quiet = 0
    while quiet < 50 {
      try await beside.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await beside.answer().status == 404)
      let now = count()
      quiet = now == before ? quiet + 1 : 0
      before = now
    }
    await beside.close()
    return before
  }

  // MARK: A slow upstream

  private static let messages = 4000
  private static let text = #"{"id":"1","description":""# + String(repeating: "y", count: 1000) + "\"}"

  /// Takes a window's worth of an upload and no more, until a call of another method opens the windows for good.
  private final class SlowUpstream: Sendable {
    private struct State {
      var upload: StreamID?
      var taken = 0
    }

    private let state = NIOLockedValueBox(State())
    let (filled, report) = AsyncStream.makeStream(of: Void.self)

    func run(_ upstream: ScriptedConnection, _ event: ScriptedEvent) {
      switch event {
      case .request(let id, let headers, _) where headers.first(name: ":path")?.hasSuffix("/getOrder") == true:
        guard let upload = state.withLockedValue({ $0.upload }) else { return }
        upstream.windowUpdate(.connection, 1 << 30)
        upstream.windowUpdate(upload, 1 << 30)
        upstream.respond(id)
        upstream.trailers(id, status: 5)
      case .request(let id, _, _): state.withLockedValue { $0.upload = id }
      case .data(let id, let bytes, let endStream) where id == state.withLockedValue({ $0.upload }):
        let taken = state.withLockedValue {
          $0.taken += bytes.readableBytes
          return $0.taken
        }
        if taken == 65_535 { report.yield() }
        guard endStream else { return }
        upstream.respond(id)
        upstream.message(id, OutcomeScript.message("\(taken)"))
        upstream.trailers(id)
      case .connected, .data, .frame, .closed: break
      }
    }
  }

  @Test(arguments: Way.allCases) func aSlowUpstreamPausesItsCaller(way: Way) async throws {
    var options = ScriptedConnection.Options()
    options.opensWindows = false
    let script = SlowUpstream()
    try await withSmallBuffers(options: options, script: { script.run($0, $1) }) { gateway in
      let upload = try await SlowUpload.begin(way, gateway.port, socketBuffer: Self.socketBuffer)
      let sent = NIOLockedValueBox(0)
      let send = upload.send
      let sending = Task {
        for _ in 0..<Self.messages {
          try await send(Self.text)
          sent.withLockedValue { $0 += Self.text.utf8.count }
        }
      }
      for await _ in script.filled { break }
      let kept = try await settled(gateway) { sent.withLockedValue { $0 } }
      #expect(kept < Self.mostOnTheWay)
      // The windows open: nothing was lost.
      let opener = try await gateway.connect()
      try await opener.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await opener.answer().status == 404)
      await opener.close()
      try await sending.value
      // Prefix, id, description with its tag and length.
      let answer = try await upload.finish()
      #expect(answer == "\"\(Self.messages * (5 + 3 + 3 + 1000))\"")
    }
  }

  @Test(arguments: Way.allCases) func aResetIsNoticedWhileReadsArePaused(way: Way) async throws {
    var options = ScriptedConnection.Options()
    options.opensWindows = false
    let script = SlowUpstream()
    try await withSmallBuffers(options: options, script: { script.run($0, $1) }) { gateway in
      let upload = try await SlowUpload.begin(way, gateway.port, socketBuffer: Self.socketBuffer)
      let sent = NIOLockedValueBox(0)
      let send = upload.send
      let sending = Task {
        for _ in 0..<Self.messages {
          try await send(Self.text)
          sent.withLockedValue { $0 += 1 }
        }
      }
      for await _ in script.filled { break }
      _ = try await settled(gateway) { sent.withLockedValue { $0 } }
      try await upload.reset()
      let code = await gateway.nextReset()
      #expect(code == .cancel)
      _ = await sending.result
    }
  }

  // MARK: A slow caller

  /// And is sent all of it in the end, with the end itself.
  @Test(arguments: Way.allCases, [false, true])
  func aSlowCallerPausesItsUpstream(way: Way, fails: Bool) async throws {
    let count = 2000
    // Field 3, 10,000 bytes.
    let order: [UInt8] = [0x0A, 0x01, 0x61, 0x1A, 0x90, 0x4E] + .init(repeating: 0x78, count: 10_000)
    let framed = ScriptedConnection.framed(order)
    let unsent = NIOLockedValueBox(count * framed.count)
    let (starts, started) = AsyncStream.makeStream(of: Void.self)
    try await withSmallBuffers(script: { upstream, event in
      switch event {
      case .request(let id, _, _):
        upstream.respond(id)
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes += framed }
        // A message that is none is a failure that comes behind all of them.
        upstream.paced(id, fails ? bytes + ScriptedConnection.framed([0xFF]) : bytes, trailers: true)
        upstream.notes["id"] = Int(id.rawValue)
        started.yield()
      case .frame(.windowUpdate): break
      default: return
      }
      if let id = upstream.notes["id"].map({ StreamID(UInt32($0)) }) {
        unsent.withLockedValue { $0 = upstream.unsentPacedBytes(id) }
      }
    }) { gateway in
      let path = "/v1/orders:search?value=a"
      let expectsLittleOnTheWay = {
        for await _ in starts { break }
        let left = try await settled(gateway) { unsent.withLockedValue { $0 } }
        #expect(count * framed.count - left < Self.mostOnTheWay)
      }
      switch way {
      case .webSocket:
        let peer = try await WebSocketPeer.open(port: gateway.port, path, socketBuffer: Self.socketBuffer)
        try await peer.setReading(false)
        try await expectsLittleOnTheWay()
        try await peer.setReading(true)
        let end = await peer.untilClose()
        #expect(end.texts.count == (fails ? count + 1 : count))
        #expect(end.code == (fails ? 4013 : 1000))
        await peer.disconnect()
      case .http:
        let connection = try await RawConnection.open(port: gateway.port, socketBuffer: Self.socketBuffer)
        try await connection.setReading(false)
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        try await expectsLittleOnTheWay()
        try await connection.setReading(true)
        let answer = try #require(WireAnswer(try await connection.receiveBytes()))
        let lines = answer.body.split(separator: "\n")
        #expect(lines.count == (fails ? count + 1 : count))
        #expect(lines.last?.hasPrefix(#"{"error":{"#) == fails)
        #expect(answer.isTerminated == !fails)
      }
    }
  }

  /// A caller that reads a little now and then is not stalled, though it is long before the kernel has room again for
  /// what the gateway holds.
  @Test func aCallerThatReadsIsNotStalled() async throws {
    let length = 3 << 20
    let order: [UInt8] = [0x1A, 0x80, 0x80, 0xC0, 0x01] + .init(repeating: 0x78, count: length)
    try await withScriptedGateway {
      $0.frontEnd.writeStallTimeout = .seconds(1)
      $0.frontEnd.prepareChannel = { try SocketBuffers.set(512 * 1024, of: $0) }
    } script: { upstream, event in
      guard case .request(let id, let headers, _) = event, headers.first(name: "x-hangs") == nil else { return }
      upstream.respond(id)
      upstream.paced(id, ScriptedConnection.framed(order), trailers: true)
    } _: { gateway in
      let connection = try await RawConnection.open(port: gateway.port, socketBuffer: 8 * 1024)
      try await connection.setReading(false)
      try await connection.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let beside = try await gateway.connect()
      for _ in 0..<8 {
        connection.readOnce()
        // The gateway's own clock tells that so much time has passed.
        try await beside.send("GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\nX-Hangs: 1\r\nGrpc-Timeout: 400m\r\n\r\n")
        #expect(try await beside.answer().status == 504)
      }
      await beside.close()
      try await connection.setReading(true)
      let answer = try #require(WireAnswer(try await connection.receiveBytes()))
      #expect(answer.isTerminated)
      #expect(answer.body.utf8.count > length)
    }
  }
}

/// An upload of orders, message by message, over HTTP or WebSocket.
private struct SlowUpload {
  /// Returns when the kernel has taken all of the message.
  let send: @Sendable (String) async throws -> Void
  /// Ends the upload; what it is answered with.
  let finish: () async throws -> String
  let reset: () async throws -> Void

  static func begin(_ way: BackPressureTests.Way, _ port: Int, socketBuffer: Int) async throws -> SlowUpload {
    switch way {
    case .http:
      let connection = try await RawConnection.open(port: port, socketBuffer: socketBuffer)
      try await connection.send(
        "POST /v1/orders:update HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n")
      return SlowUpload {
        try await connection.send("\(String($0.utf8.count + 1, radix: 16))\r\n\($0)\n\r\n")
      } finish: {
        try await connection.send("0\r\n\r\n")
        return WireAnswer(try await connection.receiveBytes())?.body ?? ""
      } reset: {
        try await connection.reset()
      }
    case .webSocket:
      let peer = try await WebSocketPeer.open(port: port, "/v1/orders:update", socketBuffer: socketBuffer)
      let sender = peer.sender
      return SlowUpload {
        try await sender.send(WebSocketPeer.text($0))
      } finish: {
        try await peer.send("")
        return await peer.untilClose().texts.joined(separator: ",")
      } reset: {
        try await sender.reset()
      }
    }
  }
}
