import Compression
import Testing

struct InflaterLimitTests {
  static let formats: [CompressionFormat] = [.gzip, .zlib]

  @Test(arguments: formats)
  func theLimitIsReachedButNotPassed(format: CompressionFormat) throws {
    for count in [0, 1, 255, 256, 511, 512, 513, 65_535, 65_536, 100_000] {
      let text = [UInt8](repeating: 7, count: count)
      let bytes = try deflated(format, text)
      #expect(try inflated(format, [bytes], maximumBytes: count) == text)
      #expect(try inflated(format, bytes.map { [$0] }, maximumBytes: count) == text)
      guard count > 0 else { continue }
      for pieces in [[bytes], bytes.map { [$0] }] {
        do {
          _ = try inflated(format, pieces, maximumBytes: count - 1)
          Issue.record("\(count) bytes passed a limit of \(count - 1)")
        } catch {
          #expect(error.code == .tooLarge)
        }
      }
    }
  }

  @Test func aLimitOfNothingAllowsAnEmptyText() throws {
    #expect(try inflated(.gzip, [deflated(.gzip, [])], maximumBytes: 0) == [])
  }

  @Test(arguments: formats)
  func aBombIsRefusedWhileItIsSmall(format: CompressionFormat) throws {
    // 16 MiB of zeros in about 16 KiB.
    var deflater = try Deflater(format, memory: .shared, level: 9)
    var bomb: [UInt8] = []
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    for _ in 0..<16 { deflater.deflate(zeros.span.bytes, flush: .none, appendingTo: &bomb) }
    deflater.deflate([], flush: .finish, appendingTo: &bomb)
    #expect(bomb.count < 20_000)

    var inflater = try Inflater(format, maximumBytes: 100_000)
    var output: [UInt8] = []
    var code: CompressionFault.Code?
    var offset = Int.max
    do {
      try inflater.inflate(bomb.span.bytes, appendingTo: &output)
    } catch {
      code = error.code
      offset = error.offset
    }
    #expect(code == .tooLarge)
    #expect(inflater.totalProduced == 100_000)
    #expect(output.count <= 100_000)
    #expect(offset < 1000)
  }

  @Test func theLimitHoldsOverMembers() throws {
    let twice = CompressedVectors.gzip + CompressedVectors.gzip
    let count = CompressedVectors.text.count
    #expect(try inflated(.gzip, [twice], maximumBytes: 2 * count).count == 2 * count)
    #expect(throws: CompressionFault.self) { try inflated(.gzip, [twice], maximumBytes: 2 * count - 1) }
  }

  @Test func emptyMembersWithoutEndProduceNothing() throws {
    let empty = try deflated(.gzip, [])
    var inflater = try Inflater(.gzip, maximumBytes: 0)
    var output: [UInt8] = []
    for _ in 0..<1000 { try inflater.inflate(empty.span.bytes, appendingTo: &output) }
    try inflater.finish()
    #expect(output.isEmpty)
  }
}
