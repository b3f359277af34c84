/// Finds a small number by a name's bytes: an open-addressed hash table in memory that the schema owns.
///
/// The reader of JSON looks every key up here, so there is no `String`, no reference count and no allocation on the
/// way. The table is at most half full. Names come from the schema, which is trusted; a caller who chooses keys to
/// collide walks at most one cluster of the schema's own making.
@usableFromInline package struct NameTable: BitwiseCopyable {
  @usableFromInline package struct Entry: BitwiseCopyable {
    @usableFromInline package var bytes: UnsafePointer<UInt8>?
    @usableFromInline package var count: UInt32
    @usableFromInline package var hash: UInt32
    @usableFromInline package var value: Int32
  }

  @usableFromInline package var entries: UnsafePointer<Entry>?
  @usableFromInline package var mask: UInt32

  package static var empty: NameTable { NameTable(entries: nil, mask: 0) }

  @inlinable package init(entries: UnsafePointer<Entry>?, mask: UInt32) {
    self.entries = entries
    self.mask = mask
  }

  /// The number stored under the name, or -1.
  @inlinable @inline(__always)
  package func value(_ name: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    guard let entries else { return -1 }
    let hash = NameTable.hash(name, count)
    var slot = hash & mask
    while true {
      let entry = entries + Int(slot)
      guard let bytes = entry.pointee.bytes else { return -1 }
      if entry.pointee.hash == hash, Int(entry.pointee.count) == count, NameTable.equal(bytes, name, count) {
        return entry.pointee.value
      }
      slot = (slot &+ 1) & mask
    }
  }

  @inlinable @inline(__always)
  package static func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    if count < 8 {
      var i = 0
      while i < count {
        if a[i] != b[i] { return false }
        i &+= 1
      }
      return true
    }
    var i = 0
    while i &+ 8 <= count {
      if load(a + i) != load(b + i) { return false }
      i &+= 8
    }
    return load(a + (count &- 8)) == load(b + (count &- 8))
  }

  /// Mixes eight bytes at a time; the tail is read as an overlapping word, so no byte outside the name is touched.
  @inlinable @inline(__always)
  package static func hash(_ name: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    var h = UInt64(truncatingIfNeeded: count) &* factor
    if count >= 8 {
      var i = 0
      while i &+ 8 < count {
        h = (h ^ load(name + i)) &* factor
        h ^= h >> 29
        i &+= 8
      }
      h = (h ^ load(name + (count &- 8))) &* factor
    } else if count >= 4 {
      let low = UnsafeRawPointer(name).loadUnaligned(as: UInt32.self)
      let high = UnsafeRawPointer(name + (count &- 4)).loadUnaligned(as: UInt32.self)
      h = (h ^ (UInt64(low) | UInt64(high) << 32)) &* factor
    } else if count > 0 {
      let word = UInt64(name[0]) | UInt64(name[count >> 1]) << 8 | UInt64(name[count &- 1]) << 16
      h = (h ^ word) &* factor
    }
    return UInt32(truncatingIfNeeded: h >> 32)
  }

  @inlinable @inline(__always)
  package static func load(_ p: UnsafePointer<UInt8>) -> UInt64 {
    UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
  }
}
