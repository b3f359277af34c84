import GRPCUpstream
import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

/// What the many ways to answer, sound and broken, mean for a call that sends one message.
@Suite(.timeLimit(.minutes(1)))
struct AnswerTests {
  struct Answer: Sendable, CustomTestStringConvertible {
    let name: String
    /// Writes the answer to the stream.
    let write: @Sendable (ScriptedConnection, StreamID) -> Void
    let code: GRPCCode
    var origin = CallEnd.Origin.upstream
    var messages: [[UInt8]] = []
    var httpStatus: Int?
    var isTrailersOnly = false
    /// The connection survives, and so do other calls on it.
    var sparesConnection = true

    var testDescription: String { name }
  }

  static let bad = CallEnd.Origin.gateway(.badResponse)

  static let sound: [Answer] = [
    Answer(
      name: "one message",
      write: {
        $0.respond($1)
        $0.message($1, [9, 8])
        $0.trailers($1)
      }, code: .ok, messages: [[9, 8]]),
    Answer(
      name: "no message",
      write: {
        $0.respond($1)
        $0.trailers($1)
      }, code: .ok),
    Answer(
      name: "two messages in one frame",
      write: {
        $0.respond($1)
        $0.data($1, ScriptedConnection.framed([1]) + ScriptedConnection.framed([]) + ScriptedConnection.framed([2, 3]))
        $0.trailers($1)
      }, code: .ok, messages: [[1], [], [2, 3]]),
    Answer(
      name: "message in frames of one byte",
      write: {
        $0.respond($1)
        $0.message($1, Array(0..<50), frameBytes: 1)
        $0.trailers($1)
      }, code: .ok, messages: [Array(0..<50)]),
    Answer(
      name: "message longer than the stream's window",
      write: {
        $0.respond($1)
        $0.paced($1, ScriptedConnection.framed(Array(repeating: 5, count: 1_000_000)), trailers: true)
      }, code: .ok, messages: [Array(repeating: 5, count: 1_000_000)]),
    Answer(
      name: "trailers only",
      write: {
        $0.headers(
          $1,
          [
            (":status", "200"), ("content-type", "application/grpc+proto"), ("grpc-status", "5"),
            ("grpc-message", "no such order: 7%25"),
          ], endStream: true)
      }, code: .notFound, isTrailersOnly: true),
    Answer(
      name: "trailers only without content type",
      write: { $0.headers($1, [(":status", "200"), ("grpc-status", "5")], endStream: true) },
      code: .notFound, isTrailersOnly: true),
    Answer(
      name: "trailers only with an HTTP status",
      write: {
        $0.headers(
          $1, [(":status", "503"), ("content-type", "application/grpc"), ("grpc-status", "7")], endStream: true)
      }, code: .permissionDenied, httpStatus: 503, isTrailersOnly: true),
    Answer(
      name: "error after a message",
      write: {
        $0.respond($1)
        $0.message($1, [1])
        $0.trailers($1, status: 10)
      }, code: .aborted, messages: [[1]]),
    Answer(
      name: "interim responses first",
      write: {
        $0.headers($1, [(":status", "100")])
        $0.headers($1, [(":status", "103"), ("link", "x")])
        $0.respond($1)
        $0.message($1, [1])
        $0.trailers($1)
      }, code: .ok, messages: [[1]]),
    Answer(
      name: "padding, CONTINUATION, PRIORITY and extensions",
      write: {
        $0.frame(FrameHeader(length: 5, type: .priority, streamID: $1), [0, 0, 0, 0, 9])
        $0.headers($1, [(":status", "200"), ("content-type", "application/grpc"), ("x", "yyyyyyyy")], fragmentBytes: 7)
        $0.frame(FrameHeader(length: 3, type: FrameType(rawValue: 0xf0), streamID: $1), [1, 2, 3])
        $0.data($1, ScriptedConnection.framed([1, 2]), padding: 200)
        $0.data($1, [], padding: 0)
        $0.headers($1, [("grpc-status", "0")], endStream: true, padding: 9)
      }, code: .ok, messages: [[1, 2]]),
    Answer(
      name: "headers that are never indexed",
      write: {
        $0.headers(
          $1, [(":status", "200"), ("content-type", "application/grpc")], indexing: .neverIndexed)
        $0.headers($1, [("grpc-status", "0")], endStream: true, indexing: .nonIndexable)
      }, code: .ok),
    Answer(
      name: "upper case in the content type",
      write: {
        $0.headers($1, [(":status", "200"), ("content-type", "Application/GRPC;x=y")])
        $0.trailers($1)
      }, code: .ok),
    Answer(
      name: "reset with NO_ERROR behind the end",
      write: {
        $0.respond($1)
        $0.trailers($1)
        $0.reset($1, .noError)
      }, code: .ok),
  ]

  static let broken: [Answer] = [
    Answer(
      name: "END_STREAM on DATA",
      write: {
        $0.respond($1)
        $0.data($1, ScriptedConnection.framed([1]), endStream: true)
      }, code: .unknown, origin: bad, messages: [[1]]),
    Answer(
      name: "trailers without a status",
      write: {
        $0.respond($1)
        $0.headers($1, [("x", "y")], endStream: true)
      }, code: .unknown, origin: bad),
    Answer(
      name: "status that is no number",
      write: {
        $0.respond($1)
        $0.headers($1, [("grpc-status", "fine")], endStream: true)
      }, code: .unknown, origin: bad),
    Answer(
      name: "status beyond gRPC's",
      write: {
        $0.respond($1)
        $0.headers($1, [("grpc-status", "17")], endStream: true)
      }, code: .unknown, origin: bad),
    Answer(
      name: "HTTP status without gRPC", write: { $0.headers($1, [(":status", "404"), ("content-type", "text/html")]) },
      code: .unimplemented, origin: bad, httpStatus: 404),
    Answer(
      name: "HTTP status without gRPC or body", write: { $0.headers($1, [(":status", "502")], endStream: true) },
      code: .unavailable, origin: bad, httpStatus: 502, isTrailersOnly: true),
    Answer(
      name: "content type that is not gRPC's",
      write: { $0.headers($1, [(":status", "200"), ("content-type", "application/grpc-web")]) },
      code: .unknown, origin: bad),
    Answer(
      name: "no content type", write: { $0.headers($1, [(":status", "200")]) }, code: .unknown, origin: bad),
    Answer(
      name: "half a message",
      write: {
        $0.respond($1)
        $0.data($1, [0, 0, 0, 0, 9, 1, 2])
        $0.trailers($1)
      }, code: .internal, origin: bad),
    Answer(
      name: "half a message and an error",
      write: {
        $0.respond($1)
        $0.data($1, [0, 0, 0, 0, 9, 1, 2])
        $0.trailers($1, status: 13)
      }, code: .internal),
    Answer(
      name: "half a message, then closed",
      write: {
        $0.respond($1)
        $0.data($1, [0, 0, 0, 0, 9, 1, 2])
        $0.close()
      }, code: .unavailable, origin: .gateway(.connectionLost), sparesConnection: false),
    Answer(
      name: "huge length prefix",
      write: {
        $0.respond($1)
        $0.data($1, [0, 0xff, 0xff, 0xff, 0xff])
      }, code: .resourceExhausted, origin: .gateway(.messageTooLarge)),
    Answer(
      name: "flag without encoding",
      write: {
        $0.respond($1)
        $0.message($1, [1], flag: 1)
      }, code: .internal, origin: bad),
    Answer(
      name: "reserved flag",
      write: {
        $0.respond($1)
        $0.message($1, [1], flag: 2)
      }, code: .internal, origin: bad),
    Answer(
      name: "unknown encoding", write: { $0.respond($1, [("grpc-encoding", "zstd")]) }, code: .internal, origin: bad),
    Answer(
      name: "no gzip behind the flag",
      write: {
        $0.respond($1, [("grpc-encoding", "gzip")])
        $0.message($1, [1, 2, 3], flag: 1)
      }, code: .internal, origin: bad),
    Answer(
      name: "CR LF in a value",
      write: { $0.respond($1, [("x", "a\r\nb: c")]) }, code: .internal, origin: bad),
    Answer(
      name: "DATA first", write: { $0.message($1, [1]) }, code: .internal, origin: bad),
    Answer(
      name: "status text beyond the header list's limit",
      write: {
        $0.respond($1)
        $0.headers(
          $1, [("grpc-status", "5"), ("grpc-message", String(repeating: "m", count: 60_000))], endStream: true)
      }, code: .resourceExhausted, origin: .gateway(.messageTooLarge)),
    Answer(
      name: "PUSH_PROMISE",
      write: {
        $0.frame(FrameHeader(length: 4, type: .pushPromise, flags: .endHeaders, streamID: $1), [0, 0, 0, 2])
      }, code: .unavailable, origin: .gateway(.connectionLost), sparesConnection: false),
    Answer(
      name: "bad HPACK index",
      write: { $0.frame(FrameHeader(length: 1, type: .headers, flags: .endHeaders, streamID: $1), [0xff]) },
      code: .unavailable, origin: .gateway(.connectionLost), sparesConnection: false),
    Answer(
      name: "frame over the size",
      write: { $0.frame(FrameHeader(length: 100_000, type: .headers, flags: .endHeaders, streamID: $1)) },
      code: .unavailable, origin: .gateway(.connectionLost), sparesConnection: false),
    Answer(
      name: "HTTP/1.1 in the middle", write: { connection, _ in connection.close(after: "HTTP/1.1 500 Oops\r\n\r\n") },
      code: .unavailable, origin: .gateway(.connectionLost), sparesConnection: false),
    Answer(
      name: "closed at once", write: { connection, _ in connection.close() }, code: .unavailable,
      origin: .gateway(.connectionLost), sparesConnection: false),
  ]

  static let resets: [Answer] = [
    (ErrorCode.noError, GRPCCode.internal), (.protocolError, .internal), (.internalError, .internal),
    (.flowControlError, .internal), (.settingsTimeout, .internal), (.streamClosed, .internal),
    (.frameSizeError, .internal), (.cancel, .cancelled), (.compressionError, .internal), (.connectError, .internal),
    (.enhanceYourCalm, .resourceExhausted), (.inadequateSecurity, .permissionDenied), (.http11Required, .internal),
    (ErrorCode(rawValue: 0xff), .unknown),
  ].map { code, status in
    Answer(
      name: "reset with \(code)", write: { $0.reset($1, code) }, code: status, origin: .gateway(.reset(code)))
  }

  @Test(arguments: sound + broken + resets, [false, true])
  func answerMeansWhatItMustAndSparesTheRest(_ answer: Answer, inSingleBytes: Bool) async throws {
    // A megabyte in packets of one byte takes longer than it tells.
    if inSingleBytes, answer.name.contains("window") { return }
    var options = ScriptedConnection.Options()
    options.writesSingleBytes = inSingleBytes
    try await Loopback.run(
      options: options,
      script: { connection, event in
        guard case .data(let id, _, endStream: true) = event else { return }
        connection.notes["calls", default: 0] += 1
        if connection.notes["calls"] == 2 {
          answer.write(connection, id)
        } else {
          connection.respond(id)
          connection.message(id, [7])
          connection.trailers(id)
        }
      }
    ) { loopback async throws in
      #expect(try await loopback.call().end.status.code == .ok)
      let outcome = try await loopback.call()
      #expect(outcome.end.status.code == answer.code)
      #expect(outcome.end.origin == answer.origin)
      let areTheSame = outcome.messages == answer.messages
      #expect(areTheSame)
      #expect(outcome.end.httpStatusHint == answer.httpStatus)
      #expect(outcome.end.isTrailersOnly == answer.isTrailersOnly)
      // The next call is fine, on the same connection where that is possible.
      let next = try await loopback.call()
      #expect(next.end.status.code == .ok)
      #expect(next.messages == [[7]])
      #expect(try await loopback.upstream.acceptedConnections() == (answer.sparesConnection ? 1 : 2))
    }
  }

  @Test
  func statusTextAndMetadataArrive() async throws {
    try await Loopback.run(script: { connection, event in
      guard case .data(let id, _, endStream: true) = event else { return }
      connection.respond(id, [("x-initial", "a"), ("x-initial", "b")])
      connection.headers(
        id,
        [("grpc-status", "9"), ("grpc-message", "caf%C3%A9"), ("grpc-status-details-bin", "CAkSAXg"), ("x-end", "z")],
        endStream: true)
    }) { loopback async throws in
      let outcome = try await loopback.call()
      #expect(
        outcome.end.status == GRPCStatus(code: .failedPrecondition, message: "café", detailsBin: [8, 9, 18, 1, 120]))
      #expect(outcome.initial?["x-initial"] == ["a", "b"])
      #expect(outcome.end.trailers.first(name: "x-end") == "z")
    }
  }

  @Test
  func compressedMessagesAreInflatedWithinTheLimit() async throws {
    var configuration = UpstreamConfiguration()
    configuration.maximumMessageBytes = 100_000
    let sizes = [1000, 100_000, 100_001]
    let compressed = try sizes.map { try Self.gzip(Array(repeating: 7, count: $0)) }
    try await Loopback.run(
      configuration: configuration,
      script: { connection, event in
        guard case .data(let id, let payload, endStream: true) = event else { return }
        let index = Int(payload.getInteger(at: payload.writerIndex - 1, as: UInt8.self) ?? 0)
        connection.respond(id, [("grpc-encoding", "gzip")])
        connection.message(id, compressed[index], flag: 1)
        connection.message(id, [1])
        connection.trailers(id)
      }
    ) { loopback async throws in
      for (index, size) in sizes.enumerated() {
        let outcome = try await loopback.call([[UInt8(index)]])
        if size <= 100_000 {
          #expect(outcome.end.status.isOK)
          #expect(outcome.messages.map(\.count) == [size, 1])
        } else {
          #expect(outcome.end.origin == .gateway(.messageTooLarge))
          #expect(outcome.messages.isEmpty)
        }
      }
    }
  }

  static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var framer = MessageFramer(encoding: .gzip, minimumCompressedBytes: 0)
    var buffer = ByteBuffer()
    try framer.write(bytes.span.bytes, into: &buffer)
    try #require(buffer.getInteger(at: 0, as: UInt8.self) == 1)
    return Array(buffer.readableBytesView.dropFirst(5))
  }
}
