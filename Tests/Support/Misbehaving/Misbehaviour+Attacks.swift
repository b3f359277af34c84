internal import HTTP2
internal import NIOCore
internal import ScriptedUpstream

extension Misbehaviour {
  /// Servers that mean harm.
  static let attacks: [Misbehaviour] =
    floods.map { $0.with { $0.repeats = 2 } } + headerBlocks + frames + fields

  /// Well over what a second may bring, however slowly it is read.
  private static let flood = 30_000

  private static let floods: [Misbehaviour] = [
    .plays("ping-flood", .lost, others: .end) { connection, _ in
      for _ in 0..<flood { connection.ping(1) }
    },
    .plays("settings-flood", .lost, others: .end) { connection, _ in
      for _ in 0..<flood { connection.settings([]) }
    },
    .plays("reset-flood", .lost, others: .end) { connection, id in
      for _ in 0..<flood { connection.reset(id.before, .cancel) }
    },
    .plays("window-update-flood", .lost, others: .end) { connection, _ in
      for _ in 0..<flood { connection.windowUpdate(.connection, 1) }
    },
    .plays("empty-data-flood", .lost, others: .end) { connection, id in
      connection.respond(id)
      for _ in 0..<101 { connection.data(id, []) }
    },
  ]

  private static let headerBlocks: [Misbehaviour] = [
    .plays("continuation-flood", .lost, others: .end) {
      $0.headers($1, [(":status", "200"), ("x", String(repeating: "y", count: 1000))], fragmentBytes: 10)
    },
    .plays("endless-header-block", .lost, others: .end) { connection, id in
      let zeros = Array(repeating: UInt8(0), count: 16_384)
      connection.frame(FrameHeader(length: zeros.count, type: .headers, streamID: id), zeros)
      for _ in 0..<6 {
        connection.frame(FrameHeader(length: zeros.count, type: .continuation, streamID: id), zeros)
      }
    },
    .plays("header-block-interrupted", .lost, others: .end) { connection, id in
      connection.frame(FrameHeader(length: 1, type: .headers, streamID: id), [0x88])
      connection.ping(1)
    },
    .plays("hpack-bomb", .lost, others: .end) { connection, id in
      var block: [UInt8] = [0x88, 0x40, 1, UInt8(ascii: "x"), 0x7f, 0x81, 0x1e]
      block += Array(repeating: UInt8(ascii: "v"), count: 3968)
      block += Array(repeating: 0xbe, count: 10_000)
      connection.frame(FrameHeader(length: block.count, type: .headers, flags: .endHeaders, streamID: id), block)
    },
    .plays("hpack-index-out-of-range", .lost, others: .end) {
      $0.frame(FrameHeader(length: 1, type: .headers, flags: .endHeaders, streamID: $1), [0xfe])
    },
    .plays("hpack-integer-without-end", .lost, others: .end) {
      let block = [0xff] + Array(repeating: UInt8(0xff), count: 20)
      $0.frame(FrameHeader(length: block.count, type: .headers, flags: .endHeaders, streamID: $1), block)
    },
    .plays("hpack-table-over-its-size", .lost, others: .end) {
      $0.frame(FrameHeader(length: 4, type: .headers, flags: .endHeaders, streamID: $1), [0x3f, 0xe1, 0xff, 0x03])
    },
    .plays("hpack-bad-huffman", .lost, others: .end) {
      let block: [UInt8] = [0x40, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]
      $0.frame(FrameHeader(length: block.count, type: .headers, flags: .endHeaders, streamID: $1), block)
    },
  ]

  private static let frames: [Misbehaviour] = [
    .plays("frame-over-the-size", .lost, others: .end) {
      $0.frame(FrameHeader(length: 100_000, type: .data, streamID: $1))
    },
    .plays("ping-of-a-wrong-length", .lost, others: .end) { connection, _ in
      connection.frame(FrameHeader(length: 3, type: .ping, streamID: .connection), [1, 2, 3])
    },
    .plays("settings-of-a-wrong-length", .lost, others: .end) { connection, _ in
      connection.frame(FrameHeader(length: 5, type: .settings, streamID: .connection), [0, 1, 2, 3, 4])
    },
    .plays("settings-out-of-range", .lost, others: .end) { connection, _ in
      connection.settings([.init(.initialWindowSize, 0x8000_0000)])
    },
    .plays("padding-longer-than-the-frame", .lost, others: .end) {
      $0.respond($1)
      $0.frame(FrameHeader(length: 2, type: .data, flags: .padded, streamID: $1), [200, 0])
    },
    .plays("window-overflow-of-the-connection", .lost, others: .end) { connection, _ in
      connection.windowUpdate(.connection, 0x7fff_ffff)
    },
    .plays("window-overflow-of-the-stream", .bad()) {
      $0.windowUpdate($1, 0x7fff_ffff)
    },
    .plays("window-update-of-nothing-on-the-stream", .bad()) {
      $0.frame(FrameHeader(length: 4, type: .windowUpdate, streamID: $1), [0, 0, 0, 0])
    },
    .plays("window-update-of-nothing-on-the-connection", .lost, others: .end) { connection, _ in
      connection.frame(FrameHeader(length: 4, type: .windowUpdate, streamID: .connection), [0, 0, 0, 0])
    },
    .plays("data-on-a-stream-nobody-opened", .lost, others: .end) { connection, _ in
      connection.data(StreamID(9_999_999), [1])
    },
    .plays("data-on-the-connection", .lost, others: .end) { connection, _ in
      connection.frame(FrameHeader(length: 1, type: .data, streamID: .connection), [1])
    },
    .plays("reset-of-a-stream-nobody-opened", .lost, others: .end) { connection, _ in
      connection.reset(StreamID(9_999_999), .cancel)
    },
    .plays("stream-of-the-servers-own", .lost, others: .end) { connection, _ in
      connection.headers(StreamID(2), [(":status", "200")])
    },
  ]

  private static let fields: [Misbehaviour] =
    [
      ("cr-lf", ("x", "a\r\nb: c")), ("nul", ("x", "a\0b")), ("upper-case", ("X-Loud", "a")),
      ("space-in-a-name", ("x y", "a")), ("connection-specific", ("connection", "close")),
      ("pseudo-of-a-request", (":path", "/")),
    ].map { name, field in
      .plays("field-\(name)", .bad()) { $0.respond($1, [field]) }
    } + [
      .plays("field-pseudo-in-trailers", .bad()) {
        $0.respond($1)
        $0.message($1, ScriptedConnection.soundMessage)
        $0.trailers($1, [(":status", "200")])
      },
      .plays("field-cr-lf-in-trailers", .bad()) {
        $0.respond($1)
        $0.message($1, ScriptedConnection.soundMessage)
        $0.trailers($1, status: 0, [("x", "a\r\nb: c")])
      },
      // Sound for HTTP/2, but not for a header line; what is said of the order has to come all the same.
      .plays("field-that-no-http1-header-may-be", .ok) {
        $0.respond($1, [("x-bytes", "caf\u{e9}"), ("transfer-encoding-x", "chunked")])
        $0.message($1, ScriptedConnection.soundMessage)
        $0.trailers($1)
      },
    ]
}

extension Misbehaviour {
  /// Sends what no window allows, for a stream whose reader does not read.
  public static func overrun(bytes: Int) -> Misbehaviour {
    .plays("overrun", Answer(200)) { connection, id in
      connection.respond(id)
      let message = ScriptedConnection.framed([0x0A, 0x80, 0x08] + Array(repeating: 0x61, count: 1024))
      for _ in 0..<(bytes / message.count) { connection.data(id, message) }
    }
  }
}
