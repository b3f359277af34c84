/// Fills a `NameTable`.
enum NameTableBuilder {
  /// A table at most half full. Of two entries with the same name the first stays.
  static func build(_ names: [(name: [UInt8], value: Int32)], in arena: SchemaArena) -> NameTable {
    guard !names.isEmpty else { return .empty }
    var size = 4
    while size < names.count * 2 { size *= 2 }
    let mask = UInt32(size - 1)
    let empty = NameTable.Entry(bytes: nil, count: 0, hash: 0, value: -1)
    var entries = [NameTable.Entry](repeating: empty, count: size)
    for (name, value) in names where !name.isEmpty {
      let hash = name.withUnsafeBufferPointer { bytes in
        bytes.baseAddress.map { NameTable.hash($0, bytes.count) } ?? 0
      }
      var slot = Int(hash & mask)
      var isTaken = false
      while let bytes = entries[slot].bytes {
        let taken = UnsafeBufferPointer(start: bytes, count: Int(entries[slot].count))
        if taken.elementsEqual(name) {
          isTaken = true
          break
        }
        slot = (slot + 1) & Int(mask)
      }
      if isTaken { continue }
      entries[slot] = NameTable.Entry(
        bytes: arena.copyPadded(name), count: UInt32(name.count), hash: hash, value: value)
    }
    return NameTable(entries: arena.copy(entries), mask: mask)
  }
}
