import Compression
import Testing

struct InflaterTests {
  static let vectors: [(CompressionFormat, [UInt8])] = [
    (.gzip, CompressedVectors.gzip),
    (.gzip, CompressedVectors.gzipWithEveryHeaderField),
    (.zlib, CompressedVectors.zlib),
    (.zlibOrRaw, CompressedVectors.zlib),
    (.zlibOrRaw, CompressedVectors.raw),
  ]

  @Test(arguments: vectors)
  func readsWhatOthersWrote(format: CompressionFormat, bytes: [UInt8]) throws {
    #expect(try inflated(format, [bytes]) == CompressedVectors.text)
  }

  @Test(arguments: vectors)
  func readsAtEverySplit(format: CompressionFormat, bytes: [UInt8]) throws {
    for split in 0...bytes.count {
      #expect(try inflated(format, [Array(bytes[..<split]), Array(bytes[split...])]) == CompressedVectors.text)
    }
    #expect(try inflated(format, bytes.map { [$0] }) == CompressedVectors.text)
  }

  @Test(arguments: vectors)
  func producesNoMoreThanTheRoomOffered(format: CompressionFormat, bytes: [UInt8]) throws {
    for room in 1...40 {
      var inflater = try Inflater(format)
      var rest = bytes[...]
      var output: [UInt8] = []
      var isDrained = false
      while !isDrained {
        var step = Inflater.Step(consumed: 0, produced: 0, isDrained: false)
        let piece = try [UInt8](capacity: room) { span throws(CompressionFault) in
          step = try inflater.step(Array(rest).span.bytes, into: &span)
        }
        #expect(step.produced == piece.count && piece.count <= room)
        output += piece
        rest = rest.dropFirst(step.consumed)
        isDrained = step.isDrained
      }
      try inflater.finish()
      #expect(output == CompressedVectors.text)
      #expect(inflater.totalProduced == output.count)
    }
  }

  @Test(arguments: vectors)
  func everyTruncationIsSeen(format: CompressionFormat, bytes: [UInt8]) throws {
    for count in 0..<bytes.count {
      #expect(throws: CompressionFault.self) { try inflated(format, [Array(bytes[..<count])]) }
      #expect(fault(format, Array(bytes[..<count]))?.code == .truncated)
    }
  }

  @Test func everyFlippedBitOfAChecksumIsSeen() {
    for index in CompressedVectors.gzip.count - 8..<CompressedVectors.gzip.count {
      for bit in 0..<8 {
        var bytes = CompressedVectors.gzip
        bytes[index] ^= 1 << bit
        #expect(fault(.gzip, bytes)?.code == .corrupt)
      }
    }
  }

  @Test func trailingBytesAreRefused() {
    #expect(fault(.gzip, CompressedVectors.gzip + [0, 0])?.code == .trailingBytes)
    #expect(fault(.gzip, CompressedVectors.gzip + Array("{}".utf8))?.code == .trailingBytes)
    // One byte may still be the start of another member.
    #expect(fault(.gzip, CompressedVectors.gzip + [0x1F])?.code == .truncated)
    #expect(fault(.zlib, CompressedVectors.zlib + [0])?.code == .trailingBytes)
    #expect(fault(.zlib, CompressedVectors.zlib + CompressedVectors.zlib)?.code == .trailingBytes)
    #expect(fault(.zlibOrRaw, CompressedVectors.raw + [0])?.code == .trailingBytes)
  }

  @Test func membersInARowAreOneText() throws {
    let twice = CompressedVectors.gzip + CompressedVectors.gzipWithEveryHeaderField
    for split in 0...twice.count {
      let output = try inflated(.gzip, [Array(twice[..<split]), Array(twice[split...])])
      #expect(output == CompressedVectors.text + CompressedVectors.text)
    }
  }

  @Test func corruptionInASecondMemberIsCorruption() {
    var twice = CompressedVectors.gzip + CompressedVectors.gzip
    twice[twice.count - 1] ^= 1
    #expect(fault(.gzip, twice)?.code == .corrupt)
  }

  @Test(arguments: [
    (CompressionFormat.gzip, Array("not gzip".utf8)),
    (.gzip, CompressedVectors.zlib),
    (.zlib, CompressedVectors.gzip),
    (.zlib, CompressedVectors.raw),
    (.zlib, CompressedVectors.zlibWithDictionary),
    (.zlibOrRaw, CompressedVectors.zlibWithDictionary),
    (.zlibOrRaw, [0xFF, 0xFF, 0xFF]),
  ])
  func otherBytesAreCorrupt(format: CompressionFormat, bytes: [UInt8]) {
    #expect(fault(format, bytes)?.code == .corrupt)
  }

  @Test func aFaultIsThrownAgain() throws {
    var inflater = try Inflater(.gzip)
    var output: [UInt8] = []
    var codes: [CompressionFault.Code] = []
    for bytes in [Array("garbage".utf8), CompressedVectors.gzip] {
      do { try inflater.inflate(bytes.span.bytes, appendingTo: &output) } catch { codes.append(error.code) }
    }
    do { try inflater.finish() } catch { codes.append(error.code) }
    #expect(codes == [.corrupt, .corrupt, .corrupt])
    #expect(output.isEmpty)
  }

  @Test(arguments: [CompressionFormat.gzip, .zlib, .zlibOrRaw])
  func resetStartsAnew(format: CompressionFormat) throws {
    var inflater = try Inflater(format, maximumBytes: 40)
    for _ in 0..<3 {
      // Each time after another end: clean, then with the bare form, then with a fault.
      for (bytes, isSound) in [
        (format == .gzip ? CompressedVectors.gzip : CompressedVectors.zlib, true),
        (CompressedVectors.raw, format == .zlibOrRaw), ([7, 7, 7], false),
      ] {
        var output: [UInt8] = []
        do {
          try inflater.inflate(bytes.span.bytes, appendingTo: &output)
          try inflater.finish()
          #expect(isSound)
          #expect(output == CompressedVectors.text)
        } catch {
          #expect(!isSound)
        }
        inflater.reset()
        #expect(inflater.totalProduced == 0)
      }
    }
  }

  private func fault(_ format: CompressionFormat, _ bytes: [UInt8]) -> CompressionFault? {
    do {
      _ = try inflated(format, [bytes])
      return nil
    } catch {
      return error
    }
  }
}

/// Inflates the pieces one after the other and ends the input.
func inflated(
  _ format: CompressionFormat, _ pieces: [[UInt8]], maximumBytes: Int = .max
) throws(CompressionFault) -> [UInt8] {
  var inflater = try Inflater(format, maximumBytes: maximumBytes)
  var output: [UInt8] = []
  for piece in pieces { try inflater.inflate(piece.span.bytes, appendingTo: &output) }
  try inflater.finish()
  return output
}

extension [UInt8] {
  /// An array of what `body` writes into at most `capacity` bytes.
  init<E: Error>(capacity: Int, _ body: (inout OutputRawSpan) throws(E) -> Void) throws(E) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
    defer { memory.deallocate() }
    var span = OutputRawSpan(buffer: memory, initializedCount: 0)
    try body(&span)
    let count = span.finalize(for: memory)
    self.init(memory[..<count])
  }
}
