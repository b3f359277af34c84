/// A frozen map from two numbers to one: the edges of a trie, all nodes in one table.
///
/// Open addressing; a lookup costs the same for 5 routes as for 1,000.
struct PairTable: Sendable {
  private struct Slot {
    var key: UInt64
    var value: Int32
  }

  /// No key of ours: both numbers would have to be -1.
  private static let free = UInt64.max
  private var slots: [Slot]

  init(_ pairs: [(Int32, Int32, value: Int32)]) {
    var capacity = 4
    while capacity < pairs.count * 2 { capacity *= 2 }
    slots = Array(repeating: Slot(key: Self.free, value: -1), count: capacity)
    for pair in pairs {
      let key = Self.key(pair.0, pair.1)
      var slot = Self.hash(key) & (capacity - 1)
      while slots[slot].key != Self.free { slot = (slot + 1) & (capacity - 1) }
      slots[slot] = Slot(key: key, value: pair.value)
    }
  }

  /// The value, or -1.
  @inline(__always)
  func value(_ first: Int32, _ second: Int32) -> Int32 {
    let key = Self.key(first, second)
    let mask = slots.count - 1
    var index = Self.hash(key) & mask
    while true {
      let slot = slots[index]
      if slot.key == key { return slot.value }
      if slot.key == Self.free { return -1 }
      index = (index + 1) & mask
    }
  }

  @inline(__always)
  private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
  }

  /// Fibonacci hashing: the high half of the product is well mixed.
  @inline(__always)
  private static func hash(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32)
  }
}
