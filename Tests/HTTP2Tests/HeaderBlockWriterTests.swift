import NIOCore
import NIOHPACK
import Testing

@testable import HTTP2

struct HeaderBlockWriterTests {
  static func head(_ path: String) -> RequestHead {
    RequestHead([
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "127.0.0.1:9009"), ("te", "trailers"),
      ("content-type", "application/grpc"), ("user-agent", "gateway/1"), ("grpc-accept-encoding", "identity,gzip"),
    ])
  }

  /// A writer and the decoder of its peer, in step.
  struct Pair: ~Copyable {
    var writer = HeaderBlockWriter()
    var decoder = HPACKDecoder(
      allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096, maxHeaderListSize: 100_000)

    mutating func roundTrip(_ head: RequestHead, _ fields: [(String, String)] = []) throws -> Int {
      var block = ByteBuffer()
      try writer.write(head, metadata: LiteralFields(fields), into: &block)
      let count = block.readableBytes
      let decoded = try decoder.decodeHeaders(from: &block)
      let expected = head.fields.map { "\($0.name): \($0.value)" } + fields.map { "\($0.0): \($0.1)" }
      #expect(decoded.map { "\($0.name): \($0.value)" } == expected)
      return count
    }
  }

  @Test
  func laterCallsAreIndexOctetsOnly() throws {
    var pair = Pair()
    let head = Self.head("/order.OrderManagement/getOrder")
    #expect(try pair.roundTrip(head) > 60)
    #expect(try pair.roundTrip(head) == 8)
    #expect(try pair.roundTrip(head) == 8)
  }

  @Test
  func newRoutesDoNotMakeKeptBlocksLie() throws {
    var pair = Pair()
    let heads = (0..<5).map { Self.head("/order.OrderManagement/method\($0)") }
    for _ in 0..<3 {
      for head in heads { _ = try pair.roundTrip(head) }
    }
    for head in heads { #expect(try pair.roundTrip(head) == 8) }
  }

  @Test
  func fieldsOfOneCallAreNotIndexed() throws {
    var pair = Pair()
    let head = Self.head("/a/b")
    _ = try pair.roundTrip(head)
    for round in 0..<3 {
      let fields = [
        ("grpc-timeout", "15S"), ("authorization", "Bearer \(round)"),
        ("x-long", String(repeating: "v", count: 20_000)),
        ("x-empty", ""), (String(repeating: "n", count: 127), String(repeating: "w", count: 126)),
      ]
      _ = try pair.roundTrip(head, fields)
      #expect(try pair.roundTrip(head) == 8)
    }
  }

  @Test
  func tableIsFilledOnceAndNeverThrashed() throws {
    var pair = Pair()
    let heads = (0..<300).map { Self.head("/some.long.package.name.Service/Method\($0)") }
    for head in heads { _ = try pair.roundTrip(head) }
    var sizes = Set<Int>()
    for _ in 0..<2 {
      for head in heads { sizes.insert(try pair.roundTrip(head)) }
    }
    // Those that found room are 8 octets, the rest carry their path.
    #expect(sizes.contains(8))
    #expect(sizes.allSatisfy { $0 < 60 })
  }

  @Test(arguments: [0, 1, 40, 100, 4095, 4096, 4097, 1_000_000])
  func peersTableSizeIsFollowed(_ size: Int) throws {
    var pair = Pair()
    let heads = [Self.head("/a/b"), Self.head("/a/c")]
    for head in heads { _ = try pair.roundTrip(head) }
    try pair.writer.peerTableSizeChanged(to: size)
    pair.decoder.maxDynamicTableLength = size
    for _ in 0..<3 {
      for head in heads { _ = try pair.roundTrip(head) }
    }
    try pair.writer.peerTableSizeChanged(to: 0)
    try pair.writer.peerTableSizeChanged(to: 4096)
    pair.decoder.maxDynamicTableLength = 4096
    for _ in 0..<3 {
      for head in heads { _ = try pair.roundTrip(head) }
    }
    #expect(try pair.roundTrip(heads[0]) == 8)
  }
}
