import ProtobufJSON
import Testing

/// Bytes that are no message: every one is a fault with its place, none a trap.
@Suite struct DecodeFaultTests {
  @Test(
    arguments: [
      ("Scalars", [0x08], .wrongWireType, 1, "aDouble"), ("Scalars", [0x18], .truncated, 1, "anInt32"),
      ("Scalars", [0x18, 0x80], .truncated, 1, "anInt32"), ("Scalars", [0x09, 1, 2], .truncated, 1, "aDouble"),
      ("Scalars", [0x15, 1, 2, 3], .truncated, 1, "aFloat"), ("Scalars", [0x72, 0x05, 0x61], .truncated, 1, "aString"),
      ("Scalars", [0x72, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated, 1, "aString"),
      ("Scalars", [0x00], .invalidTag, 0, ""), ("Scalars", [0x07, 0], .invalidTag, 0, ""),
      ("Scalars", [0x80, 0x00, 0], .invalidTag, 0, ""), ("Scalars", [0x1E], .invalidTag, 1, "anInt32"),
      ("Scalars", [0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0], .invalidTag, 0, ""),
      ("Scalars", [0x1C], .unmatchedGroup, 1, "anInt32"),
      ("Scalars", [0x86, 0x7F, 0], .invalidTag, 2, ""),
      ("Scalars", [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], .invalidTag, 0, ""),
      (
        "Scalars", [0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], .varintTooLong, 1,
        "anInt32"
      ),
      ("Scalars", [0x1A, 0x01, 0x05], .wrongWireType, 1, "anInt32"),
      ("Scalars", [0x70, 0x01], .wrongWireType, 1, "aString"),
      ("Scalars", [0x72, 0x02, 0x61, 0xFF], .invalidUTF8, 3, "aString"),
      ("Scalars", [0x78, 0x01], .wrongWireType, 1, "someBytes"),
      ("Scalars", [0x20, 0x01, 0x1D, 0, 0, 0, 0], .wrongWireType, 3, "anInt32"),
      ("Lists", [0x1A, 0x03, 0x01, 0x02, 0x80], .truncated, 4, "int32s[2]"),
      ("Lists", [0x0A, 0x07, 0, 0, 0, 0, 0, 0, 0], .truncated, 2, "doubles[0]"),
      ("Lists", [0x72, 0x01, 0x61, 0x72, 0x01, 0xC3], .invalidUTF8, 5, "strings[1]"),
      ("Lists", [0x1D, 0, 0, 0, 0], .wrongWireType, 1, "int32s[0]"),
      ("Node", [0x12, 0x04, 0x1A, 0x02, 0x0A, 0x05], .truncated, 5, "next.children[0].name"),
      ("Node", [0x1A, 0x00, 0x1A, 0x03, 0x0A, 0x01, 0xFF], .invalidUTF8, 6, "children[1].name"),
      ("Maps", [0x62, 0x07, 0x0A, 0x01, 0x6B, 0x12, 0x02, 0x0A, 0x05], .truncated, 8, "byString[\"k\"].name"),
      ("Maps", [0x0A, 0x05, 0x08, 0x07, 0x12, 0x01, 0xFF], .invalidUTF8, 6, "byInt32[7]"),
      ("Maps", [0x0A, 0x02, 0x0D, 0x07], .wrongWireType, 3, "byInt32[0]"),
      ("Maps", [0x08, 0x01], .wrongWireType, 1, "byInt32[0]"),
      ("Maps", [0x62, 0x03, 0x0A, 0x01, 0xFF], .invalidUTF8, 4, "byString[\"\u{FFFD}\"]"),
      ("WellKnown", [0x2A, 0x06, 0x32, 0x04, 0x0A, 0x02, 0x1A, 0x01], .truncated, 7, "value[0]"),
      ("WellKnown", [0x0A, 0x02, 0x0A, 0x00], .wrongWireType, 3, "timestamp"),
      ("Choice", [0x22, 0x02, 0x0A, 0x05], .truncated, 3, "node.name"),
    ] as [(String, [UInt8], WireFault.Code, Int, String)])
  func faultsNameByteAndField(type: String, wire: [UInt8], code: WireFault.Code, offset: Int, path: String) throws {
    #expect(try fault(Wire(wire), as: type) == WireFault(code: code, offset: offset, fieldPath: path))
  }

  @Test func pathsAreTheSameWhenTheMessageIsIndexed() throws {
    let wire = .int(4, 1) + .message(3) + .message(3, .message(2, .bytes(1, [0xFF]))) + Wire.text(1, "a")
    #expect(try fault(wire, as: "Node")?.fieldPath == "children[1].next.name")
    let merged = .message(2, .text(1, "a")) + Wire.message(2, .bytes(1, [0xFF]))
    #expect(try fault(merged, as: "Node") == WireFault(code: .invalidUTF8, offset: 9, fieldPath: "next.name"))
  }

  // MARK: Depth

  private func nested(_ depth: Int, _ wrap: (Wire) -> Wire) -> Wire {
    (1..<depth).reduce(Wire([])) { wire, _ in wrap(wire) }
  }

  @Test(arguments: [1, 2, 100])
  func theDepthLimitIsExact(limit: Int) throws {
    let options = DecodingOptions(emitDefaults: false, maximumDepth: limit)
    for field in [2, 3] as [UInt64] {
      #expect(try fault(nested(limit) { .message(field, $0) }, as: "Node", options) == nil)
      #expect(try fault(nested(limit + 1) { .message(field, $0) }, as: "Node", options)?.code == .tooDeep)
    }
  }

  @Test func unknownGroupsAreAsDeepAsMessages() throws {
    #expect(try fault(nested(100) { .group(500, $0) }, as: "Node") == nil)
    #expect(try fault(nested(101) { .group(500, $0) }, as: "Node")?.code == .tooDeep)
  }

  @Test func listsOfValuesAreAsDeepAsJSONIs() throws {
    let lists = { (depth: Int) in self.nested(depth) { .message(1, .message(6, $0)) } }
    #expect(try fault(lists(100), as: "google.protobuf.ListValue") == nil)
    #expect(try fault(lists(101), as: "google.protobuf.ListValue")?.code == .tooDeep)
  }

  @Test func anysAreAsDeepAsMessages() throws {
    let anys = { (depth: Int) in
      self.nested(depth) { .text(1, "/google.protobuf.Any") + .bytes(2, $0.bytes) }
    }
    #expect(try fault(anys(100), as: "google.protobuf.Any") == nil)
    #expect(try fault(anys(101), as: "google.protobuf.Any")?.code == .tooDeep)
  }

  // MARK: Size

  @Test func theOutputHasALimit() throws {
    // Two bytes each that print a screenful of defaults.
    let wire = Wire([UInt8](repeating: 0, count: 0)) + Wire((0..<10_000).flatMap { _ in Wire.message(8).bytes })
    let options = DecodingOptions(maximumOutputBytes: 100_000)
    #expect(try fault(wire, as: "Everything", options)?.code == .outputTooLong)
    #expect(try fault(wire, as: "Everything") == nil)
  }

  @Test func indentationCountsAgainstTheLimit() throws {
    let wire = Wire.bytes(13, [UInt8](repeating: 1, count: 100_000))
    #expect(try fault(wire, as: "Lists", DecodingOptions(maximumOutputBytes: 1_000_000)) == nil)
    #expect(
      try fault(wire, as: "Lists", DecodingOptions(indent: 16, maximumOutputBytes: 1_000_000))?.code == .outputTooLong)
  }

  /// Nested messages that are all out of order take time in proportion to their size, not to a power of their depth.
  @Test(.timeLimit(.minutes(1)))
  func disorderOnEveryLevelIsCheap() throws {
    let wire = nested(100) { .int(4, 1) + .message(2, $0) + .int(4, 2) + .message(2, .text(1, "x")) + .text(1, "y") }
    #expect(try sparse(wire, as: "Node").hasPrefix(#"{"name":"y","next":{"name":"x","next":{"#))
  }

  // MARK: Damage

  @Test func everyTruncationIsAFaultOrAMessage() throws {
    for (type, wire) in Self.samples {
      for length in wire.bytes.indices { _ = try fault(Wire(Array(wire.bytes[..<length])), as: type) }
    }
  }

  @Test func everyMutationOfOneByteIsAFaultOrAMessage() throws {
    for (type, wire) in Self.samples {
      for place in wire.bytes.indices {
        for value in UInt8.min...UInt8.max {
          var damaged = wire
          damaged.bytes[place] = value
          _ = try fault(damaged, as: type)
        }
      }
    }
  }

  @Test func randomBytesAreAFaultOrAMessage() throws {
    var random = DecodeRandom(seed: 3)
    for _ in 0..<20_000 {
      let wire = Wire(
        (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
      _ = try fault(wire, as: "Everything")
      _ = try fault(wire, as: "WellKnown")
      _ = try fault(wire, as: "decode.legacy.Legacy")
    }
  }

  /// One message of every type, with every form of field.
  static let samples: [(String, Wire)] = [
    (
      "Scalars",
      .double(1, 1) + .float(2, 2) + .int(3, -1) + .int(4, 300) + .varint(7, 5) + .fixed32(9, 1) + .fixed64(12, 1)
        + .varint(13, 1) + .text(14, "tü\"") + .bytes(15, [1, 2]) + .varint(16, 5)
    ),
    (
      "Lists",
      .bytes(1, [UInt8](repeating: 9, count: 16)) + .bytes(3, [1, 0x80, 1]) + .int(3, 5) + .bytes(13, [1, 0])
        + .text(14, "a") + .text(14, "bü") + .message(17, .text(1, "n"), .message(3, .int(4, 7))) + .int(18, 3)
    ),
    (
      "Maps",
      .message(1, .int(1, 1), .text(2, "a")) + .message(1, .int(1, 1), .text(2, "b"))
        + .message(11, .varint(1, 1), .varint(2, 5)) + .message(12, .text(1, "k"), .message(2, .text(1, "v")))
        + .message(13, .text(1, "v"), .message(2, .message(5, .message(1, .text(1, "x"), .message(2, .double(2, 1))))))
    ),
    (
      "Shuffled",
      .text(3, "a") + .message(1, .text(1, "b")) + .int(2, 4) + .message(9, .int(2, 1)) + .message(9, .text(3, "c"))
    ),
    (
      "WellKnown",
      .message(1, .int(1, 1_700_000_000), .int(2, 5)) + .message(2, .int(1, 3)) + .message(3, .text(1, "a_b"))
        + .message(5, .message(6, .message(1, .text(3, "s")), .message(1, .varint(4, 1))))
        + .message(7, .text(1, "/decode.values.Node"), .message(2, .text(1, "n"))) + .message(16, .text(1, "w"))
    ),
    (
      "decode.legacy.Legacy",
      .int(1, 5) + .varint(3, 1) + .bytes(5, [1, 3]) + .message(6, .text(1, "a"), .varint(2, 1))
        + .group(7, .text(1, "g"), .group(3, .int(1, 2))) + .group(8) + .varint(9, 7) + .text(100, "e")
    ),
  ]
}
