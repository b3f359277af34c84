/// Numbers every text that occurs in a route table, so that matching compares numbers.
///
/// Open addressing over FNV-1a: a lookup hashes the segment while it is scanned, and reads one slot in the
/// ordinary case. Its contents come from the rules, never from a request, so a caller cannot make the chains
/// longer. Numbers begin at 1; 0 (`none`) is a text that no rule names.
struct LiteralTable: Sendable {
  static let none: Int32 = 0

  private struct Entry {
    let hash: UInt64
    let start: Int
    let count: Int
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Number of the literal, or 0; the count is a power of two and at least twice that of the entries.
  private var slots: [Int32] = Array(repeating: none, count: 16)

  mutating func number(interning literal: String) -> Int32 {
    var literal = literal
    let found = literal.withUTF8 { find(hash: Self.hash($0), UnsafeRawBufferPointer($0), isEncoded: false) }
    guard found == Self.none else { return found }
    let entry = Entry(
      hash: literal.withUTF8 { Self.hash($0) }, start: bytes.count, count: literal.utf8.count)
    bytes.append(contentsOf: literal.utf8)
    entries.append(entry)
    let number = Int32(clamping: entries.count)
    if entries.count * 2 > slots.count {
      slots = Array(repeating: Self.none, count: slots.count * 2)
      for (index, entry) in entries.enumerated() { insert(entry.hash, Int32(clamping: index + 1)) }
    } else {
      insert(entry.hash, number)
    }
    return number
  }

  /// The number of the literal that `text` spells; `hash` is that of the decoded text.
  @inline(__always)
  func find(hash: UInt64, _ text: UnsafeRawBufferPointer, isEncoded: Bool) -> Int32 {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: Self.spread(hash)) & mask
    while true {
      let number = slots[slot]
      if number == Self.none { return Self.none }
      let entry = entries[Int(number) - 1]
      if entry.hash == hash, isEqual(entry, text, isEncoded: isEncoded) { return number }
      slot = (slot + 1) & mask
    }
  }

  private mutating func insert(_ hash: UInt64, _ number: Int32) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: Self.spread(hash)) & mask
    while slots[slot] != Self.none { slot = (slot + 1) & mask }
    slots[slot] = number
  }

  @inline(__always)
  private func isEqual(_ entry: Entry, _ text: UnsafeRawBufferPointer, isEncoded: Bool) -> Bool {
    if !isEncoded {
      guard entry.count == text.count else { return false }
      for index in 0..<text.count where bytes[entry.start + index] != text[index] { return false }
      return true
    }
    return isEqual(entry, encoded: text)
  }

  private func isEqual(_ entry: Entry, encoded text: UnsafeRawBufferPointer) -> Bool {
    var (index, matched) = (0, 0)
    while index < text.count, matched < entry.count {
      var byte = text[index]
      if byte == UInt8(ascii: "%") {
        guard index + 2 < text.count, let decoded = PercentDecoding.byte(text[index + 1], text[index + 2]) else {
          return false
        }
        byte = decoded
        index += 2
      }
      guard bytes[entry.start + matched] == byte else { return false }
      index += 1
      matched += 1
    }
    return index == text.count && matched == entry.count
  }

  static let hashSeed: UInt64 = 0xcbf2_9ce4_8422_2325

  /// One step of FNV-1a (64 bits).
  @inline(__always)
  static func hash(_ hash: UInt64, adding byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    bytes.reduce(hashSeed) { hash($0, adding: $1) }
  }

  /// FNV's low bits depend on the last bytes only by a little; the high ones are folded in.
  @inline(__always)
  private static func spread(_ hash: UInt64) -> UInt64 { hash ^ hash >> 32 }
}
