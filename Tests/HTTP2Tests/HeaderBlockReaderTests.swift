import NIOCore
import NIOHPACK
import Testing

@testable import HTTP2

struct HeaderBlockReaderTests {
  static func encoded(_ fields: [(String, String)], _ encoder: inout HPACKEncoder) throws -> ByteBuffer {
    var buffer = ByteBuffer()
    try encoder.encode(headers: HPACKHeaders(fields), to: &buffer)
    return buffer
  }

  @Test
  func repeatedBlocksDecodeAlikeAndTableChangesAreSeen() throws {
    var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
    var reader = HeaderBlockReader(limits: ConnectionLimits())
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      var fields = [(":status", "200"), ("content-type", "application/grpc")]
      // Mostly the same, sometimes new: indices move under the same octets.
      if Int.random(in: 0..<10, using: &random) == 0 {
        fields.append(("x-new", "\(Int.random(in: 0..<200, using: &random))"))
      }
      if Bool.random(using: &random) { fields = [("grpc-status", "\(Int.random(in: 0..<3, using: &random))")] }
      let block = try Self.encoded(fields, &encoder)
      let decoded = try reader.headers(block, isComplete: true)
      #expect(decoded?.headers.map { "\($0.name): \($0.value)" } == fields.map { "\($0.0): \($0.1)" })
    }
  }

  @Test
  func blockMayComeInPieces() throws {
    var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
    var block = try Self.encoded([(":status", "200"), ("x", String(repeating: "y", count: 100))], &encoder)
    var reader = HeaderBlockReader(limits: ConnectionLimits())
    let first = block.readSlice(length: 10) ?? ByteBuffer()
    #expect(try reader.headers(first, isComplete: false) == nil)
    let second = block.readSlice(length: 10) ?? ByteBuffer()
    #expect(try reader.continuation(second, isComplete: false) == nil)
    let list = try reader.continuation(block, isComplete: true)
    #expect(list?.kind == .response(status: 200))
  }

  @Test
  func continuationsAreCounted() throws {
    for (count, isAllowed) in [(5, true), (6, false)] {
      var reader = HeaderBlockReader(limits: ConnectionLimits())
      _ = try reader.headers(ByteBuffer(bytes: [0x88]), isComplete: false)
      for _ in 1..<count { _ = try reader.continuation(ByteBuffer(), isComplete: false) }
      if isAllowed {
        let list = try reader.continuation(ByteBuffer(), isComplete: true)
        #expect(list != nil)
      } else {
        #expect(throws: ConnectionFault.headerBlockTooLong) { try reader.continuation(ByteBuffer(), isComplete: true) }
      }
    }
  }

  @Test
  func blockIsBoundedBeforeItIsComplete() throws {
    var reader = HeaderBlockReader(limits: ConnectionLimits())
    _ = try reader.headers(ByteBuffer(repeating: 0, count: 128 * 1024), isComplete: false)
    #expect(throws: ConnectionFault.headerBlockTooLong) {
      try reader.continuation(ByteBuffer(bytes: [0]), isComplete: false)
    }
  }

  @Test
  func listIsBoundedWhileItIsDecoded() throws {
    // One entry of about 4 KB, then an index octet for each further use of it.
    var block = ByteBuffer()
    block.writeBytes([0x40, 1, UInt8(ascii: "x"), 0x7f, 0x81, 0x1e])  // 127 + 1 + 30 * 128 = 3968
    block.writeRepeatingByte(UInt8(ascii: "v"), count: 3968)
    var sound = block
    sound.writeRepeatingByte(0xbe, count: 3)
    var bomb = block
    bomb.writeRepeatingByte(0xbe, count: 10_000)
    var reader = HeaderBlockReader(limits: ConnectionLimits())
    let list = try reader.headers(sound, isComplete: true)
    #expect(list?.headers.count == 4)
    var other = HeaderBlockReader(limits: ConnectionLimits())
    do {
      _ = try other.headers(bomb, isComplete: true)
      Issue.record("accepted")
    } catch {
      #expect(error.code == .compressionError)
    }
  }

  @Test
  func listOverTheLimitIsMalformedAndTheTableStaysInStep() throws {
    // Five fields of 32 + 1 + value.
    for (length, kind) in [(3243, HeaderList.Kind.trailers), (3244, .malformed(.tooLarge))] {
      var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
      var reader = HeaderBlockReader(limits: ConnectionLimits())
      let value = String(repeating: "v", count: length)
      let rest = 16_384 - 4 * (3243 + 33) - 33
      let fields = (0..<4).map { _ in ("x", value) } + [("y", String(repeating: "w", count: rest))]
      let list = try reader.headers(Self.encoded(fields, &encoder), isComplete: true)
      #expect(list?.kind == kind)
      let next = try reader.headers(
        Self.encoded([("y", String(repeating: "w", count: rest))], &encoder), isComplete: true)
      #expect(next?.headers.first(name: "y")?.utf8.count == rest)
    }
  }

  static let broken: [[UInt8]] = [
    [0x80],  // index 0
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],  // overflow
    [0xfe],  // beyond the table
    [0x40],  // cut short
    [0x00, 0x05, 0x61],  // string longer than the block
    [0x00, 0x00, 0x00],  // empty name
    [0x88, 0x3f, 0xe1, 0x1f],  // table size update behind a field
    [0x3f, 0xe2, 0x1f],  // table size beyond our setting
    [0x00, 0x81, 0xff, 0x01, 0x61],  // bad Huffman padding
  ]

  @Test(arguments: broken)
  func whatHPACKCannotDecodeEndsTheConnection(_ bytes: [UInt8]) {
    var reader = HeaderBlockReader(limits: ConnectionLimits())
    do {
      _ = try reader.headers(ByteBuffer(bytes: bytes), isComplete: true)
      Issue.record("accepted")
    } catch {
      #expect(error.code == .compressionError)
    }
  }
}
