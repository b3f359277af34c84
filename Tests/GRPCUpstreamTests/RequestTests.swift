import GRPCUpstream
import GRPCWire
import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

/// What the upstream sees of a call.
@Suite(.timeLimit(.minutes(1)))
struct RequestTests {
  static func headersSeen(
    metadata: [(String, String)] = [], timeout: TimeAmount? = nil, route: UpstreamRoute = Loopback.route
  ) async throws -> [String] {
    let seen = NIOLockedValueBox<[String]>([])
    try await Loopback.run(script: { connection, event in
      guard case .request(let id, let headers, _) = event else { return }
      seen.withLockedValue { $0 = headers.map { "\($0.name): \($0.value)" } }
      connection.headers(
        id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0")], endStream: true)
    }) { loopback async throws in
      _ = try await loopback.call(metadata: metadata, timeout: timeout, route: route)
    }
    return seen.withLockedValue { $0.filter { !$0.hasPrefix(":authority") } }
  }

  static let usual = [
    ":method: POST", ":scheme: http", ":path: /order.OrderManagement/getOrder", "te: trailers",
    "content-type: application/grpc", "user-agent: grpc-json-gateway/1.0",
    "grpc-accept-encoding: identity,gzip,deflate",
  ]

  @Test
  func headersAreGRPCs() async throws {
    #expect(try await Self.headersSeen() == Self.usual)
  }

  @Test
  func timeoutAndMetadataFollow() async throws {
    let seen = try await Self.headersSeen(
      metadata: [("x-request-id", "1"), ("x-request-id", "2"), ("trace-bin", "AAA")], timeout: .milliseconds(1500))
    #expect(seen == Self.usual + ["grpc-timeout: 1500m", "x-request-id: 1", "x-request-id: 2", "trace-bin: AAA"])
  }

  @Test
  func whatWouldForgeFieldsIsLeftOut() async throws {
    let seen = try await Self.headersSeen(metadata: [
      ("te", "gzip"), ("content-type", "text/plain"), ("grpc-timeout", "1S"), ("grpc-status", "0"),
      ("user-agent", "me"),
      (":path", "/else"), ("Upper", "x"), ("a b", "x"), ("é", "x"), ("", "x"), ("x-crlf", "a\r\nb: c"), ("x-nul", "\0"),
      ("connection", "close"), ("transfer-encoding", "chunked"), ("host", "x"), ("content-length", "3"),
      ("x-good", "stays"), ("grpc-trace-bin", "AA"),
    ])
    #expect(seen == Self.usual + ["x-good: stays", "grpc-trace-bin: AA"])
  }

  @Test
  func laterCallsOnTheConnectionSayTheSame() async throws {
    let seen = NIOLockedValueBox<[[String]]>([])
    let routes = (0..<3).map { UpstreamRoute(path: "/a.B/m\($0)", authority: "name-\($0)") }
    try await Loopback.run(script: { connection, event in
      guard case .request(let id, let headers, _) = event else { return }
      seen.withLockedValue { $0.append([headers.first(name: ":path") ?? "", headers.first(name: ":authority") ?? ""]) }
      connection.headers(
        id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0")], endStream: true)
    }) { loopback async throws in
      for _ in 0..<3 {
        for route in routes { _ = try await loopback.call(metadata: [("x", "y")], route: route) }
      }
    }
    let expected = (0..<9).map { ["/a.B/m\($0 % 3)", "name-\($0 % 3)"] }
    #expect(seen.withLockedValue { $0 } == expected)
  }

  /// The recorded calls of the four modes: each message is a frame of its own, and a half-close without one an empty
  /// frame, exactly as recorded.
  @Test(arguments: [
    [(Array("\u{0A}\u{03}101".utf8), true)],
    [(Array("\u{0A}\u{06}iPhone".utf8), true)],
    [(Array("\u{0A}\u{03}101".utf8), false), (Array("\u{0A}\u{03}102".utf8), false)],
  ])
  func messagesLeaveAsRecorded(_ messages: [([UInt8], Bool)]) async throws {
    let seen = NIOLockedValueBox<[(bytes: [UInt8], endStream: Bool)]>([])
    let route = Loopback.route
    try await Loopback.run(script: { connection, event in
      guard case .data(let id, let payload, let endStream) = event else { return }
      seen.withLockedValue { $0.append((Array(payload.readableBytesView), endStream)) }
      if endStream {
        connection.respond(id)
        connection.trailers(id)
      }
    }) { loopback async throws in
      // Connected, so that the frames are those of the sends and not of what has waited.
      _ = try await loopback.call([])
      seen.withLockedValue { $0.removeAll() }
      _ = try await loopback.eventLoop.flatSubmit { [pool = loopback.pool, eventLoop = loopback.eventLoop] in
        let recorder = CallRecorder(on: eventLoop)
        let call = pool.value.call(route, metadata: CallMetadata(), timeout: nil, delegate: recorder)
        for (message, isLast) in messages {
          if isLast { call.sendLast(message.span.bytes) } else { call.send(message.span.bytes) }
        }
        call.finish()
        return recorder.outcome
      }.get()
    }
    var expected = messages.map { (bytes: [0, 0, 0, 0, UInt8($0.0.count)] + $0.0, endStream: $0.1) }
    if expected.last?.endStream == false { expected.append(([], true)) }
    let frames = seen.withLockedValue { $0 }
    #expect(frames.map(\.bytes) == expected.map(\.bytes))
    #expect(frames.map(\.endStream) == expected.map(\.endStream))
  }
}
