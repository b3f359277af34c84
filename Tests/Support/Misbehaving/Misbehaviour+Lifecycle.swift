internal import HTTP2
internal import NIOCore
internal import ScriptedUpstream

extension Misbehaviour {
  /// Streams and connections that come and go at the wrong time, or at an unusual one.
  static let lifecycle: [Misbehaviour] = goAways + resets + ends + windows + unusual

  private static let goAways: [Misbehaviour] = [
    .plays("goaway-in-two-phases", .ok) {
      $0.goAway(StreamID(0x7fff_ffff))
      $0.answerSoundly($1)
      $0.goAway($1)
    },
    Misbehaviour("goaway-unprocessed-once", .ok).with {
      $0.play = { connection, id, attempt in
        attempt == 1 ? connection.goAway(id.before) : connection.answerSoundly(id)
      }
    },
    // Each costs the pool's back-off.
    .plays("goaway-on-every-call", .lost) { $0.goAway($1.before) }.with { $0.repeats = 5 },
    .plays("goaway-with-an-error-and-the-end", .lost, others: .end) {
      $0.goAway($1, .enhanceYourCalm)
      $0.close()
    },
    // RFC 9113 section 6.8 forbids it.
    .plays("goaway-that-raises-its-last-stream", .lost, others: .end) {
      $0.goAway($1)
      $0.goAway(StreamID($1.rawValue + 2))
      $0.answerSoundly($1)
    },
  ]

  private static let resets: [Misbehaviour] =
    [
      Misbehaviour("refused-once", .ok).with {
        $0.play = { connection, id, attempt in
          attempt == 1 ? connection.reset(id, .refusedStream) : connection.answerSoundly(id)
        }
      },
      .plays("refused-always", Answer(503, "UNAVAILABLE", "UPSTREAM_RESET")) { $0.reset($1, .refusedStream) },
      .plays("reset-after-headers", Answer(500, "INTERNAL", "UPSTREAM_RESET")) {
        $0.respond($1)
        $0.reset($1, .internalError)
      },
      .plays("reset-behind-the-end", .ok) {
        $0.answerSoundly($1)
        $0.reset($1, .noError)
      },
    ]
    + [
      (ErrorCode.noError, 500, "INTERNAL"), (.protocolError, 500, "INTERNAL"), (.internalError, 500, "INTERNAL"),
      (.flowControlError, 500, "INTERNAL"), (.settingsTimeout, 500, "INTERNAL"), (.streamClosed, 500, "INTERNAL"),
      (.frameSizeError, 500, "INTERNAL"), (.cancel, 499, "CANCELLED"), (.compressionError, 500, "INTERNAL"),
      (.connectError, 500, "INTERNAL"), (.enhanceYourCalm, 429, "RESOURCE_EXHAUSTED"),
      (.inadequateSecurity, 403, "PERMISSION_DENIED"), (.http11Required, 500, "INTERNAL"),
      (ErrorCode(rawValue: 0xff), 500, "UNKNOWN"),
    ].map { code, status, name in
      .plays("reset-with-\(code.rawValue)", Answer(status, name, "UPSTREAM_RESET")) { $0.reset($1, code) }
    }

  private static let ends: [Misbehaviour] = [
    .plays("closed-before-headers", .lost, others: .end) { connection, _ in connection.close() },
    .plays("closed-within-headers", .lost, others: .end) {
      $0.raw([0, 0, 40, 1, 4] + $1.bytes + [0x88])
      $0.close()
    },
    .plays("closed-after-headers", .lost, others: .end) {
      $0.respond($1)
      $0.close()
    },
    .plays("closed-within-a-message", .lost, others: .end) {
      $0.respond($1)
      $0.data($1, [0, 0, 0, 0, 9, 1, 2])
      $0.close()
    },
    .plays("closed-within-trailers", .lost, others: .end) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage)
      $0.raw([0, 0, 40, 1, 5] + $1.bytes)
      $0.close()
    },
    .plays("cut-by-a-tcp-reset", .lost, others: .end) { connection, _ in connection.cut() },
    .plays("http1-in-the-middle", .lost, others: .end) { connection, _ in
      connection.close(after: "HTTP/1.1 500 Oops\r\n\r\n")
    },
    Misbehaviour("silence", .late).with {
      $0.timeout = "100m"
      $0.play = { _, _, _ in }
    },
    Misbehaviour("silence-after-headers", .late).with {
      $0.timeout = "100m"
      $0.play = { connection, id, _ in connection.respond(id) }
    },
    Misbehaviour("silence-within-a-message", .late).with {
      $0.timeout = "100m"
      $0.play = { connection, id, _ in
        connection.respond(id)
        connection.data(id, [0, 0, 0, 0, 9, 1, 2])
      }
    },
    Misbehaviour("answer-to-a-stream-that-was-reset", .late).with {
      $0.timeout = "100m"
      $0.play = { _, _, _ in }
      $0.resetReceived = { connection, id in
        connection.respond(id)
        connection.message(id, Array(repeating: 0, count: 40_000))
        connection.trailers(id)
      }
    },
    Misbehaviour("status-while-the-upload-runs", Answer(400, "FAILED_PRECONDITION")).with {
      $0.call = .upload
      $0.startsWithTheHead = true
      $0.play = { connection, id, _ in
        connection.headers(
          id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "9")], endStream: true)
      }
    },
    Misbehaviour("answer-while-the-upload-runs", .ok).with {
      $0.call = .upload
      $0.startsWithTheHead = true
      $0.play = { connection, id, _ in
        connection.answerSoundly(id)
        connection.reset(id, .noError)
      }
    },
  ]

  private static let windows: [Misbehaviour] = [
    Misbehaviour("window-of-nothing", .late).with {
      $0.timeout = "100m"
      $0.connection = Connection(options: .init(settings: [.init(.initialWindowSize, 0)])) { _ in
      } requested: { connection, id in
        // All but the call that it is about, which is the one that has a name.
        if connection.notes["victim"] != Int(id.rawValue) { connection.windowUpdate(id, 1000) }
      }
      $0.play = { _, _, _ in }
      $0.startsWithTheHead = true
    },
    Misbehaviour("window-of-one-byte-after-another", .ok).with {
      $0.connection = Connection(options: .init(settings: [.init(.initialWindowSize, 1)])) { _ in
      } requested: { connection, id in
        if connection.notes["victim"] != Int(id.rawValue) { connection.windowUpdate(id, 1000) }
      }
      $0.dataReceived = { connection, id in connection.windowUpdate(id, 1) }
    },
    .plays("window-that-shrinks-and-grows", .ok) {
      $0.settings([.init(.initialWindowSize, 10)])
      $0.settings([.init(.initialWindowSize, 100_000)])
      $0.settings([.init(.initialWindowSize, 65_535)])
      $0.answerSoundly($1)
    },
    Misbehaviour("no-streams-at-all", Answer(503, "UNAVAILABLE", "UPSTREAM_OVERLOADED"), others: .none).with {
      $0.connection = Connection(
        options: .init(settings: [.init(.maxConcurrentStreams, 0)]),
        heal: {
          $0.settings([.init(.maxConcurrentStreams, 100)])
        })
    },
    Misbehaviour("one-stream-at-a-time", .ok).with {
      $0.connection = Connection(options: .init(settings: [.init(.maxConcurrentStreams, 1)]))
    },
  ]

  private static let unusual: [Misbehaviour] = [
    Misbehaviour("a-byte-at-a-time", .ok).with {
      $0.connection = Connection(options: .init(writesSingleBytes: true))
    },
    .plays("padded-frames", .ok) {
      $0.headers($1, [(":status", "200"), ("content-type", "application/grpc")], padding: 200)
      $0.data($1, ScriptedConnection.framed(ScriptedConnection.soundMessage), padding: 255)
      $0.data($1, [], padding: 0)
      $0.headers($1, [("grpc-status", "0")], endStream: true, padding: 9)
    },
    .plays("headers-with-continuation", .ok) {
      $0.headers(
        $1, [(":status", "200"), ("content-type", "application/grpc"), ("x", "yyyyyyyyyyyy")], fragmentBytes: 12)
      $0.message($1, ScriptedConnection.soundMessage)
      $0.trailers($1)
    },
    .plays("priority-and-unknown-frames", .ok) {
      $0.frame(FrameHeader(length: 5, type: .priority, streamID: $1), [0, 0, 0, 0, 9])
      $0.respond($1)
      $0.frame(FrameHeader(length: 3, type: FrameType(rawValue: 0xf0), streamID: $1), [1, 2, 3])
      $0.frame(FrameHeader(length: 3, type: FrameType(rawValue: 0xf1), streamID: .connection), [1, 2, 3])
      $0.message($1, ScriptedConnection.soundMessage)
      $0.trailers($1)
    },
    .plays("push-promise", .lost, others: .end) {
      $0.frame(FrameHeader(length: 4, type: .pushPromise, flags: .endHeaders, streamID: $1), [0, 0, 0, 2])
    },
    .plays("interim-responses-first", .ok) {
      $0.headers($1, [(":status", "100")])
      $0.headers($1, [(":status", "103"), ("link", "x")])
      $0.answerSoundly($1)
    },
    .plays("interim-responses-without-end", .bad()) {
      for _ in 0..<101 { $0.headers($1, [(":status", "100")]) }
    },
    .plays("message-in-frames-of-one-byte", .ok) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage, frameBytes: 1)
      $0.trailers($1)
    },
  ]
}

extension StreamID {
  /// The client's stream before this one; what a GOAWAY names that has not processed this.
  var before: StreamID { StreamID(rawValue < 2 ? 0 : rawValue - 2) }

  /// As a frame's header has it.
  var bytes: [UInt8] { withUnsafeBytes(of: UInt32(rawValue).bigEndian) { Array($0) } }
}
