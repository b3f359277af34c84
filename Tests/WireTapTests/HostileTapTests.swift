import NIOCore
import SeedDump
import Testing

@testable import WireTap

/// Whatever goes through, the tap goes on and keeps little.
struct HostileTapTests {
  @Test(arguments: 0..<40)
  func arbitraryBytesInAnyPiecesAreShownAndKeptWithinBounds(_ seed: UInt64) throws {
    var random = SeededGenerator(seed)
    var limits = TapLimits()
    limits.maximumFrameBytes = 256
    limits.maximumMessageBytes = 128
    limits.maximumPartialBytes = 512
    limits.maximumCalls = 8
    var bench = try TapBench(limits: limits)
    let dump = SeedDump.all[Int(seed) % SeedDump.all.count]
    var waiting: [TapSide: [UInt8]] = [:]
    for side in TapSide.allCases {
      var bytes = Array(dump.bytes(from: side == .client ? .client : .server).readableBytesView)
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = .random(in: 0...255, using: &random)
        case 1: bytes.insert(contentsOf: (0..<9).map { _ in .random(in: 0...255, using: &random) }, at: place)
        default: bytes.remove(at: place)
        }
      }
      waiting[side] = bytes + (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    while let side = TapSide.allCases.filter({ waiting[$0]?.isEmpty == false }).randomElement(using: &random) {
      let bytes = waiting[side] ?? []
      let piece = bytes.prefix(Int.random(in: 1...300, using: &random))
      waiting[side] = Array(bytes.dropFirst(piece.count))
      bench.feed(ByteBuffer(bytes: piece), from: side, keepsOctets: Int.random(in: 0..<8, using: &random) > 0)
      #expect(bench.session.bufferedBytes <= 2 * (256 + 300) + 512)
      #expect(bench.session.calls.count <= 8)
    }
    bench.close()
    #expect(!bench.text(try TestSchema.orders()).isEmpty)
    #expect(Rendering.json(bench.records, try TestSchema.orders()).count == bench.records.count)
  }
}
