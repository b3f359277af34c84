import Foundation
import Testing

/// Inputs near the kept ones, the same in every run: what a fuzzer would try first, where there is none.
///
/// `FUZZ_ROUNDS` in the environment says how many are made of each file, for a longer look.
struct CorpusMutationTests {
  private static let rounds = ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap { Int($0) } ?? 20

  @Test(arguments: FuzzTarget.allCases)
  func whatMustHoldDoesNearby(target: FuzzTarget) throws {
    let corpus = try #require(Bundle.module.resourceURL).appending(path: "Corpus/\(target)")
    let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    let inputs = try files.map { [UInt8](try Data(contentsOf: $0)) }
    #expect(!inputs.isEmpty)
    for (index, input) in inputs.enumerated() {
      for round in 0..<Self.rounds {
        var mutation = Mutation(seed: UInt64(index * 1_000_003 + round))
        let bytes = mutation.applied(to: input, beside: inputs)
        #expect(throws: Never.self, "\(files[index].lastPathComponent), round \(round): \(bytes)") {
          try target.run(bytes)
        }
      }
    }
  }
}

/// A few changes of the kinds that fuzzers make.
private struct Mutation {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  private mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % max(bound, 1)
  }

  mutating func applied(to input: [UInt8], beside others: [[UInt8]]) -> [UInt8] {
    var bytes = input
    for _ in 0...next(below: 3) {
      let place = next(below: bytes.count + 1)
      let length = min(next(below: 12), bytes.count - place)
      switch next(below: 6) {
      case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(next(below: 8))
      case 1 where place < bytes.count: bytes[place] = [0, 0xFF, 0x7F, 0x80, 0x0A, 0x25][next(below: 6)]
      case 2: bytes.removeSubrange(place..<place + length)
      case 3: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
      case 4:
        let other = others[next(below: others.count)]
        bytes.replaceSubrange(place..., with: other.dropFirst(next(below: other.count + 1)))
      default: bytes.insert(UInt8(next(below: 256)), at: place)
      }
    }
    return bytes
  }
}
