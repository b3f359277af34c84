/// Ways to cut a run of bytes, decided by the fuzzer's own input so that a finding repeats itself.
struct Cuts {
  private var state: UInt64

  init(seed: UInt8) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % max(bound, 1)
  }

  mutating func pieces(of bytes: ArraySlice<UInt8>) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = bytes
    while !rest.isEmpty {
      let most = next(below: 4) == 0 ? rest.count : min(rest.count, 9)
      let piece = rest.prefix(next(below: most + 1))
      pieces.append(Array(piece))
      rest = rest.dropFirst(piece.count)
    }
    return pieces
  }
}
