/// Which keys an open map has had, so that one that comes twice is refused.
///
/// Keys are compared as they were written (canonical wire bytes), in place. A few are compared one by one, many through
/// a hash table with the per-process seed of `Hasher`, so that nobody can choose keys that collide.
struct MapKeySet {
  struct Record {
    /// Where the key field stands in the output.
    var position: Int
    var count: Int
  }

  /// The first of this map's records on the reader's stack.
  let base: Int
  /// Indices of records plus one, by hash; empty while keys are few.
  private var table: [Int32] = []
  private static let few = 8

  init(base: Int) { self.base = base }

  func isNew(
    position: Int, count: Int, _ key: UnsafePointer<UInt8>, _ records: [Record],
    _ buffer: UnsafeMutablePointer<OutputBuffer>
  ) -> Bool {
    let start = UnsafePointer(buffer.pointee.pointer(at: 0))
    if table.isEmpty {
      for i in base..<records.count where Self.equal(records[i], start, key, count) { return false }
      return true
    }
    var slot = Self.hash(key, count) & (table.count - 1)
    while table[slot] != 0 {
      if Self.equal(records[Int(table[slot]) - 1], start, key, count) { return false }
      slot = (slot + 1) & (table.count - 1)
    }
    return true
  }

  mutating func insert(
    _ record: Record, _ records: inout [Record], _ buffer: UnsafeMutablePointer<OutputBuffer>
  ) {
    records.append(record)
    let count = records.count - base
    if count <= Self.few { return }
    if count * 2 > table.count {
      table = [Int32](repeating: 0, count: max(table.count * 4, 64))
      for i in base..<records.count { enter(i, records, buffer) }
    } else {
      enter(records.count - 1, records, buffer)
    }
  }

  private mutating func enter(
    _ index: Int, _ records: [Record], _ buffer: UnsafeMutablePointer<OutputBuffer>
  ) {
    let key = UnsafePointer(buffer.pointee.pointer(at: records[index].position))
    var slot = Self.hash(key, records[index].count) & (table.count - 1)
    while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
    table[slot] = Int32(truncatingIfNeeded: index + 1)
  }

  private static func equal(
    _ record: Record, _ start: UnsafePointer<UInt8>, _ key: UnsafePointer<UInt8>, _ count: Int
  ) -> Bool {
    guard record.count == count else { return false }
    for i in 0..<count where start[record.position + i] != key[i] { return false }
    return true
  }

  private static func hash(_ key: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(start: key, count: count))
    return hasher.finalize() & Int.max
  }
}
