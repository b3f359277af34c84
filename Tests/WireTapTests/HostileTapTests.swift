import HTTP2
import NIOCore
import SeedDump
import Testing

@testable import WireTap

/// Whatever goes through, the tap goes on and keeps little.
struct HostileTapTests {
  private static let limits = {
    var limits = TapLimits()
    limits.maximumFrameBytes = 256
    limits.maximumMessageBytes = 128
    limits.maximumPartialBytes = 512
    limits.maximumCalls = 8
    limits.maximumHeaderListBytes = 512
    limits.maximumContinuations = 3
    return limits
  }()
  private static let longestRead = 300

  /// Feeds both directions in pieces of any size, in any order, now and then without room for what would be shown; and
  /// puts into words what was told.
  private static func run(
    _ bytes: [TapSide: [UInt8]], _ proto: TapProtocol, _ random: inout SeededGenerator
  ) throws {
    var bench = try TapBench(proto, limits: limits)
    var waiting = bytes
    while let side = TapSide.allCases.filter({ waiting[$0]?.isEmpty == false }).randomElement(using: &random) {
      let left = waiting[side] ?? []
      let piece = left.prefix(Int.random(in: 1...longestRead, using: &random))
      waiting[side] = Array(left.dropFirst(piece.count))
      bench.feed(ByteBuffer(bytes: piece), from: side, keepsOctets: Int.random(in: 0..<8, using: &random) > 0)
      #expect(bench.session.bufferedBytes <= 2 * (limits.maximumFrameBytes + longestRead) + limits.maximumPartialBytes)
      #expect(bench.session.openCalls <= limits.maximumCalls)
    }
    bench.close()
    #expect(bench.session.openCalls == 0)
    #expect(!bench.text(try TestSchema.orders()).isEmpty)
    #expect(Rendering.json(bench.records, try TestSchema.orders()).count == bench.records.count)
  }

  private static func noise(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in .random(in: 0...255, using: &random) }
  }

  @Test(arguments: 0..<24)
  func noiseIsShownAndKeptWithinBounds(_ seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let proto = TapProtocol.allCases[Int(seed) % TapProtocol.allCases.count]
    var bytes: [TapSide: [UInt8]] = [:]
    for side in TapSide.allCases { bytes[side] = Self.noise(Int.random(in: 1...6000, using: &random), &random) }
    try Self.run(bytes, proto, &random)
  }

  /// Behind a sound beginning, so that they are taken for frames: every type, flag and length, on few streams.
  @Test(arguments: 0..<48)
  func framesOfAnyKindAreShownAndKeptWithinBounds(_ seed: UInt64) throws {
    var random = SeededGenerator(seed)
    var bytes: [TapSide: [UInt8]] = [:]
    for side in TapSide.allCases {
      var stream = side == .client ? Array(Wire.preface.readableBytesView) : []
      stream += Array(Wire.settings([.init(.headerTableSize, .random(in: 0...9000, using: &random))]).readableBytesView)
      if side == .client { stream += Array(Wire.request().readableBytesView) }
      for _ in 0..<Int.random(in: 1...60, using: &random) { stream += Self.frame(&random) }
      bytes[side] = stream
    }
    try Self.run(bytes, seed % 4 == 0 ? .http2 : .grpc, &random)
  }

  private static func frame(_ random: inout SeededGenerator) -> [UInt8] {
    let payload = payload(&random)
    // Mostly the payload's own length; else one that swallows what follows, or leaves a piece to be read as a header.
    let length =
      Int.random(in: 0..<10, using: &random) > 0 ? payload.count : Int.random(in: 0...0xFF_FFFF, using: &random)
    var buffer = ByteBuffer()
    FrameHeader(
      length: length, type: FrameType(rawValue: .random(in: 0...11, using: &random)),
      flags: FrameFlags(rawValue: .random(in: 0...255, using: &random)),
      streamID: StreamID(UInt32.random(in: 0...4, using: &random))
    ).write(into: &buffer)
    return Array(buffer.readableBytesView) + payload
  }

  private static func payload(_ random: inout SeededGenerator) -> [UInt8] {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: Array(Wire.block([(":method", "POST"), (":path", "/a.B/c"), ("grpc-status", "0")]).readableBytesView)
    case 1: Wire.message(Wire.order, isCompressed: .random(using: &random))
    // The prefix of a message that never comes.
    case 2: [0] + noise(4, &random)
    case 3: noise([0, 4, 5, 8].randomElement(using: &random) ?? 0, &random)
    default: noise(.random(in: 0...600, using: &random), &random)
    }
  }

  @Test(arguments: 0..<48)
  func recordingsWithFaultsAreShownAndKeptWithinBounds(_ seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let dump = SeedDump.all[Int(seed) % SeedDump.all.count]
    var bytes: [TapSide: [UInt8]] = [:]
    for side in TapSide.allCases {
      var stream = Array(dump.bytes(from: side == .client ? .client : .server).readableBytesView)
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        let place = Int.random(in: 0..<stream.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: stream[place] = .random(in: 0...255, using: &random)
        case 1: stream.insert(contentsOf: Self.noise(9, &random), at: place)
        case 2: stream.remove(at: place)
        case 3: stream.insert(contentsOf: stream[place...].prefix(40), at: place)
        default: stream.removeSubrange(place..<min(place + 20, stream.count - 1))
        }
      }
      bytes[side] = stream + Self.noise(Int(seed) % 3 * 500, &random)
    }
    try Self.run(bytes, .grpc, &random)
  }

  /// Over sockets: connections of nothing but noise, both ways, and then one that is as good as ever.
  @Test(.timeLimit(.minutes(1)))
  func noiseOnSomeConnectionsLeavesTheNextOneAlone() async throws {
    var random = SeededGenerator(7)
    let dump = SeedDump(named: "unary")
    var inputs = (0..<12).map { _ in ByteBuffer(bytes: Self.noise(.random(in: 1...200_000, using: &random), &random)) }
    inputs.append(dump.bytes(from: .client))
    let round = try await ProxyBench.rounds(inputs)
    #expect(round.answers == inputs)
    #expect(round.totals.connections == inputs.count)
    #expect(round.text.contains("[13] Client connection closed"))
    #expect(round.text.contains("from CLIENT [13]\ngrpc:(http2:preface)\n"))
  }
}
