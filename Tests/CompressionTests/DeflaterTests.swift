import Compression
import Testing

struct DeflaterTests {
  static let formats: [CompressionFormat] = [.gzip, .zlib]

  @Test(arguments: formats, [Deflater.Memory.perStream, .shared])
  func whatIsDeflatedInflatesAgain(format: CompressionFormat, memory: Deflater.Memory) throws {
    var random = SeededGenerator(seed: 1)
    for round in 0..<60 {
      let text = random.compressibleBytes(count: Int.random(in: 0...3000, using: &random) * (round % 7 == 0 ? 40 : 1))
      var deflater = try Deflater(format, memory: memory, level: Int32.random(in: 1...9, using: &random))
      var bytes: [UInt8] = []
      var rest = text[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...rest.count, using: &random))
        deflater.deflate(piece.span.bytes, flush: Bool.random(using: &random) ? .sync : .none, appendingTo: &bytes)
        rest = rest.dropFirst(piece.count)
      }
      deflater.deflate([], flush: .finish, appendingTo: &bytes)

      var pieces: [[UInt8]] = []
      var restOfBytes = bytes[...]
      while !restOfBytes.isEmpty {
        let piece = restOfBytes.prefix(Int.random(in: 1...restOfBytes.count, using: &random))
        pieces.append(Array(piece))
        restOfBytes = restOfBytes.dropFirst(piece.count)
      }
      #expect(try inflated(format, pieces) == text)
    }
  }

  @Test(arguments: formats)
  func everyMessageIsReadableAfterItsFlush(format: CompressionFormat) throws {
    var deflater = try Deflater(format)
    var inflater = try Inflater(format)
    var read: [UInt8] = []
    var written: [UInt8] = []
    for number in 0..<50 {
      let line = Array("{\"id\":\"\(number)\",\"items\":[\"iPhone XS\"]}\n".utf8)
      var bytes: [UInt8] = []
      deflater.deflate(line.span.bytes, flush: .sync, appendingTo: &bytes)
      written += line
      try inflater.inflate(bytes.span.bytes, appendingTo: &read)
      #expect(read == written)
      // Z_SYNC_FLUSH ends on a byte boundary with an empty stored block.
      #expect(bytes.suffix(4) == [0, 0, 0xFF, 0xFF])
    }
    var end: [UInt8] = []
    deflater.deflate([], flush: .finish, appendingTo: &end)
    try inflater.inflate(end.span.bytes, appendingTo: &read)
    try inflater.finish()
    #expect(read == written)
  }

  @Test(arguments: formats, [Deflater.Flush.none, .sync])
  func theLeastRoomIsEnough(format: CompressionFormat, flush: Deflater.Flush) throws {
    var random = SeededGenerator(seed: 2)
    let text = random.compressibleBytes(count: 5000)
    var deflater = try Deflater(format)
    var bytes: [UInt8] = []
    for (piece, pieceFlush) in [(text[..<2500], flush), (text[2500...], flush), (text[5000...], .finish)] {
      var rest = piece
      var isComplete = false
      while !isComplete {
        var step = Deflater.Step(consumed: 0, produced: 0, isComplete: false)
        bytes += [UInt8](capacity: Deflater.minimumOutputBytes) { span in
          step = deflater.step(Array(rest).span.bytes, flush: pieceFlush, into: &span)
        }
        rest = rest.dropFirst(step.consumed)
        isComplete = step.isComplete
      }
      #expect(rest.isEmpty)
    }
    #expect(bytes.count < text.count)
    #expect(try inflated(format, [bytes]) == text)
  }

  @Test(arguments: formats)
  func resetStartsAnew(format: CompressionFormat) throws {
    var deflater = try Deflater(format)
    var first: [UInt8] = []
    deflater.deflate(CompressedVectors.text, flush: .finish, appendingTo: &first)
    deflater.reset()
    var abandoned: [UInt8] = []
    deflater.deflate(Array("something else".utf8), flush: .sync, appendingTo: &abandoned)
    deflater.reset()
    var second: [UInt8] = []
    deflater.deflate(CompressedVectors.text, flush: .finish, appendingTo: &second)
    #expect(first == second)
    #expect(try inflated(format, [second]) == CompressedVectors.text)
  }

  @Test func nothingFollowsTheEnd() throws {
    var deflater = try Deflater(.gzip)
    var bytes: [UInt8] = []
    deflater.deflate(CompressedVectors.text, flush: .finish, appendingTo: &bytes)
    let count = bytes.count
    deflater.deflate(CompressedVectors.text, flush: .finish, appendingTo: &bytes)
    #expect(bytes.count == count)
  }
}

extension Deflater {
  mutating func deflate(_ bytes: [UInt8], flush: Flush, appendingTo output: inout [UInt8]) {
    deflate(bytes.span.bytes, flush: flush, appendingTo: &output)
  }
}

/// One whole text.
func deflated(_ format: CompressionFormat, _ text: [UInt8]) throws(CompressionFault) -> [UInt8] {
  var deflater = try Deflater(format, memory: .shared, level: 9)
  var bytes: [UInt8] = []
  deflater.deflate(text.span.bytes, flush: .finish, appendingTo: &bytes)
  return bytes
}
