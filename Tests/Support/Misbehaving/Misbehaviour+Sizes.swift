internal import GRPCWire
internal import NIOCore
internal import ScriptedUpstream

extension Misbehaviour {
  /// Messages that are too large, or not what they say they are.
  static let sizes: [Misbehaviour] = [
    .plays("length-prefix-of-4-gigabytes", .tooLarge) {
      $0.respond($1)
      $0.data($1, [0, 0xff, 0xff, 0xff, 0xff])
    },
    .plays("length-prefix-just-over-the-limit", .tooLarge) {
      $0.respond($1)
      $0.data($1, [0, 0, 0x40, 0, 1])
    },
    .plays("gzip-bomb", .tooLarge) {
      $0.respond($1, [("grpc-encoding", "gzip")])
      $0.message($1, bomb, flag: 1)
    }.with { $0.repeats = 20 },
    .plays("gzip-just-over-the-limit", .tooLarge) {
      $0.respond($1, [("grpc-encoding", "gzip")])
      $0.message($1, justTooLarge, flag: 1)
    }.with { $0.repeats = 20 },
    .plays("gzip-cut-short", .bad()) {
      $0.respond($1, [("grpc-encoding", "gzip")])
      $0.message($1, Array(small.dropLast(6)), flag: 1)
      $0.trailers($1)
    },
    .plays("gzip-with-a-wrong-sum", .bad()) {
      $0.respond($1, [("grpc-encoding", "gzip")])
      $0.message($1, Array(small.dropLast(8)) + [1, 2, 3, 4] + small.suffix(4), flag: 1)
      $0.trailers($1)
    },
    .plays("gzip-that-is-none", .bad()) {
      $0.respond($1, [("grpc-encoding", "gzip")])
      $0.message($1, [1, 2, 3], flag: 1)
    },
    .plays("compressed-without-an-encoding", .bad()) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage, flag: 1)
    },
    .plays("reserved-flag", .bad()) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage, flag: 2)
    },
    .plays("unknown-encoding", .bad()) { $0.respond($1, [("grpc-encoding", "zstd")]) },
    .plays("half-a-message-and-the-end", .bad()) {
      $0.respond($1)
      $0.data($1, [0, 0, 0, 0, 9, 1, 2])
      $0.trailers($1)
    },
    .plays("half-a-prefix-and-the-end", .bad()) {
      $0.respond($1)
      $0.data($1, [0, 0])
      $0.trailers($1)
    },
    .plays("message-that-is-no-protobuf", .bad()) {
      $0.respond($1)
      $0.message($1, [0xff, 0xff, 0xff])
      $0.trailers($1)
    },
    .plays("message-with-bad-utf8", .bad()) {
      $0.respond($1)
      $0.message($1, [0x0A, 0x02, 0xC3, 0x28])
      $0.trailers($1)
    },
    .plays("metadata-over-the-limit", .tooLarge) {
      $0.respond($1)
      $0.trailers($1, status: 5, [("grpc-message", String(repeating: "m", count: 60_000))])
    }.with { $0.repeats = 10 },
  ]

  private static let small = gzip(Array(repeating: 7, count: 1000))
  private static let justTooLarge = gzip(Array(repeating: 0, count: 4 * 1024 * 1024 + 1))
  private static let bomb = gzip(Array(repeating: 0, count: 64 * 1024 * 1024))

  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var framer = MessageFramer(encoding: .gzip, minimumCompressedBytes: 0)
    var buffer = ByteBuffer()
    // Nothing here is too long for it.
    try? framer.write(bytes.span.bytes, into: &buffer)
    return Array(buffer.readableBytesView.dropFirst(5))
  }
}
