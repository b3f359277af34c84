/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// Bytes of which runs and repetitions make a share, as in real text.
  mutating func compressibleBytes(count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      switch UInt8.random(in: 0...3, using: &self) {
      case 0: bytes.append(UInt8.random(in: 0...255, using: &self))
      case 1: bytes += Array(repeating: UInt8.random(in: 97...122, using: &self), count: 9)
      case 2 where bytes.count > 20: bytes += bytes.prefix(20)
      default: bytes += Array("\"destination\":".utf8)
      }
    }
    return Array(bytes.prefix(count))
  }
}
