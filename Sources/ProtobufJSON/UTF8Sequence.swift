/// Well-formed UTF-8, by the table of Unicode 3.9 (D92): no overlong forms, no surrogates, nothing past U+10FFFF.
package enum UTF8Sequence {
  /// The length of the multi-byte sequence at `p`, 2 to 4, or 0 when there is none.
  @inline(__always)
  static func length(_ p: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
    let first = p.pointee
    let left = end - p
    if first < 0xE0 {
      return first >= 0xC2 && left >= 2 && isContinuation(p[1]) ? 2 : 0
    }
    if first < 0xF0 {
      guard left >= 3, isContinuation(p[1]), isContinuation(p[2]) else { return 0 }
      if first == 0xE0 && p[1] < 0xA0 || first == 0xED && p[1] > 0x9F { return 0 }
      return 3
    }
    guard first <= 0xF4, left >= 4, isContinuation(p[1]), isContinuation(p[2]), isContinuation(p[3]) else { return 0 }
    if first == 0xF0 && p[1] < 0x90 || first == 0xF4 && p[1] > 0x8F { return 0 }
    return 4
  }

  @inline(__always)
  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// Whether all of the text is well-formed.
  package static func isValid(_ text: RawSpan) -> Bool {
    text.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return true }
      let start = base.assumingMemoryBound(to: UInt8.self)
      return isValid(start, start + bytes.count)
    }
  }

  /// Whether all of the text is well-formed.
  static func isValid(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    var p = start
    while p < end {
      if end - p >= 8, UnsafeRawPointer(p).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
        p += 8
      } else if p.pointee < 0x80 {
        p += 1
      } else {
        let count = length(p, end)
        if count == 0 { return false }
        p += count
      }
    }
    return true
  }

  /// Stores the scalar and answers its length, 1 to 4.
  static func store(_ scalar: UInt32, at p: UnsafeMutablePointer<UInt8>) -> Int {
    if scalar < 0x80 {
      p[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    if scalar < 0x800 {
      p[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
      p[1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 2
    }
    if scalar < 0x10000 {
      p[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
      p[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
      p[2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 3
    }
    p[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
    p[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
    p[2] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
    p[3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
    return 4
  }
}
