internal import ProtobufSchema

/// Strings (RFC 8259, section 7): `"`, then characters of which `"`, `\` and those below U+0020 are escaped, then `"`.
extension JSONMessageReader {
  /// The content of a string: within the text, or in `scratch` when it had escapes. Good until the next string.
  struct Content {
    var start: UnsafePointer<UInt8>
    var count: Int
    var end: UnsafePointer<UInt8> { start + count }
  }

  /// What a scan found between the quotes.
  private struct Scanned {
    var closingQuote: UnsafePointer<UInt8>
    var decodedCount: Int
    var hasEscapes: Bool
  }

  /// Marks every byte of the word that is a quote, a backslash, a control character or not ASCII in its highest bit.
  ///
  /// A borrow may mark bytes above the first marked one wrongly, never below; only the lowest mark is used.
  @inline(__always)
  static func specials(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = (word ^ (ones &* 0x22)) &- ones
    let backslash = (word ^ (ones &* 0x5C)) &- ones
    let control = word &- (ones &* 0x20)
    return (quote | backslash | control | word) & (ones &* 0x80)
  }

  /// Reads a string at `p` and writes it as the field's value, tag and all.
  ///
  /// Short ASCII goes out while it is looked at, eight bytes at a time. Everything else is measured first, so that the
  /// length in front is right at once.
  @inline(__always)
  mutating func string(_ field: UnsafePointer<FieldLayout>, skipsEmpty: Bool) throws(Halt) {
    guard next == UInt8(ascii: "\"") else { throw wrongType(field) }
    room(160)
    let text = p + 1
    // The tag is stored as a whole word; the content overwrites what is too much of it.
    UnsafeMutableRawPointer(o).storeBytes(of: field.pointee.tagBytes, as: UInt64.self)
    let content = o + Int(field.pointee.tagCount) + 1
    var i = 0
    while i < 120, end - text >= i &+ 8 {
      let word = UnsafeRawPointer(text + i).loadUnaligned(as: UInt64.self)
      UnsafeMutableRawPointer(content + i).storeBytes(of: word, as: UInt64.self)
      let marks = Self.specials(UInt64(littleEndian: word))
      if marks == 0 {
        i &+= 8
        continue
      }
      i &+= marks.trailingZeroBitCount >> 3
      guard text[i] == UInt8(ascii: "\"") else { break }
      p = text + (i &+ 1)
      if i == 0, skipsEmpty { return }
      content[-1] = UInt8(truncatingIfNeeded: i)
      o = content + i
      return
    }
    try longString(field, scannedFrom: i, skipsEmpty: skipsEmpty)
  }

  @inline(never)
  private mutating func longString(
    _ field: UnsafePointer<FieldLayout>, scannedFrom plain: Int, skipsEmpty: Bool
  ) throws(Halt) {
    let text = p + 1
    let scanned = try scan(text, plain: plain)
    if scanned.decodedCount == 0, skipsEmpty {
      p = scanned.closingQuote + 1
      return
    }
    room(scanned.decodedCount &+ 32)
    tag(field)
    varint(UInt64(scanned.decodedCount))
    if scanned.hasEscapes {
      Self.unescape(text, scanned.closingQuote, to: o)
    } else {
      o.update(from: text, count: scanned.decodedCount)
    }
    o += scanned.decodedCount
    p = scanned.closingQuote + 1
  }

  /// Reads the string at `p`, which starts with a quote, and passes it.
  @inline(__always)
  mutating func content() throws(Halt) -> Content {
    let text = p + 1
    let scanned = try scan(text, plain: 0)
    p = scanned.closingQuote + 1
    if scanned.hasEscapes { return unescaped(text, scanned) }
    return Content(start: text, count: scanned.decodedCount)
  }

  /// The scratch memory is only ever read before the next string is.
  @inline(never)
  private mutating func unescaped(_ text: UnsafePointer<UInt8>, _ scanned: Scanned) -> Content {
    let memory = scratch.memory(scanned.decodedCount)
    Self.unescape(text, scanned.closingQuote, to: memory)
    return Content(start: UnsafePointer(memory), count: scanned.decodedCount)
  }

  /// Finds the closing quote and checks everything before it; the first `plain` bytes are known to be plain.
  private mutating func scan(_ text: UnsafePointer<UInt8>, plain: Int) throws(Halt) -> Scanned {
    var q = text + plain
    var saved = 0
    var hasEscapes = false
    while true {
      if end - q >= 8 {
        let marks = Self.specials(UInt64(littleEndian: UnsafeRawPointer(q).loadUnaligned(as: UInt64.self)))
        if marks == 0 {
          q += 8
          continue
        }
        q += marks.trailingZeroBitCount >> 3
      }
      guard q < end else { throw fail(.unexpectedEnd, at: q, expected: "the closing quote of the string") }
      let byte = q.pointee
      if byte >= 0x80 {
        repeat {
          let count = UTF8Sequence.length(q, end)
          if count == 0 { throw invalidUTF8(at: q) }
          q += count
        } while q < end && q.pointee >= 0x80
      } else if byte == UInt8(ascii: "\"") {
        return Scanned(closingQuote: q, decodedCount: q - text - saved, hasEscapes: hasEscapes)
      } else if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        let escape = try scanEscape(q)
        saved += escape.length - escape.decoded
        q += escape.length
      } else if byte < 0x20 {
        throw fail(
          .controlCharacter, at: q, expected: "control characters in strings to be escaped",
          found: "U+\(String(UInt32(byte) + 0x10000, radix: 16, uppercase: true).dropFirst()) as it is")
      } else {
        q += 1
      }
    }
  }

  /// Checks one escape; answers its length in the text and as UTF-8.
  private mutating func scanEscape(_ q: UnsafePointer<UInt8>) throws(Halt) -> (length: Int, decoded: Int) {
    guard end - q >= 2 else { throw fail(.unexpectedEnd, at: end, expected: "the rest of an escape") }
    switch q[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return (2, 1)
    case UInt8(ascii: "u"): break
    default:
      throw fail(.invalidEscape, at: q, expected: "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", found: shown(q, 2))
    }
    guard let unit = Self.hexUnit(q + 2, end) else {
      throw fail(.invalidEscape, at: q, expected: "four hexadecimal digits after \\u", found: shown(q, 6))
    }
    if unit < 0x80 { return (6, 1) }
    if unit < 0x800 { return (6, 2) }
    if unit & 0xF800 != 0xD800 { return (6, 3) }
    if unit < 0xDC00, end - q >= 12, q[6] == UInt8(ascii: "\\"), q[7] == UInt8(ascii: "u"),
      let second = Self.hexUnit(q + 8, end), second & 0xFC00 == 0xDC00
    {
      return (12, 4)
    }
    throw fail(
      .loneSurrogate, at: q, expected: "a surrogate escape to be half of a pair (\\uD800-DBFF, then \\uDC00-DFFF)",
      found: shown(q, 6))
  }

  static func hexUnit(_ q: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UInt32? {
    guard end - q >= 4 else { return nil }
    var unit: UInt32 = 0
    for i in 0..<4 {
      let byte = q[i]
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      if byte &- 0x30 <= 9 {
        unit = unit << 4 | UInt32(byte &- 0x30)
      } else if letter < 6 {
        unit = unit << 4 | UInt32(letter + 10)
      } else {
        return nil
      }
    }
    return unit
  }

  /// Copies a scanned string without its escapes. The target has exactly the room that the scan counted.
  private static func unescape(
    _ text: UnsafePointer<UInt8>, _ closingQuote: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
  ) {
    var q = text
    var t = target
    while q < closingQuote {
      if q.pointee != UInt8(ascii: "\\") {
        t.pointee = q.pointee
        t += 1
        q += 1
        continue
      }
      if q[1] != UInt8(ascii: "u") {
        t.pointee = simpleEscape(q[1])
        t += 1
        q += 2
        continue
      }
      var scalar = hexUnit(q + 2, closingQuote) ?? 0xFFFD
      q += 6
      if scalar & 0xFC00 == 0xD800 {
        let low = hexUnit(q + 2, closingQuote) ?? 0xDC00
        scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
        q += 6
      }
      t += UTF8Sequence.store(scalar, at: t)
    }
  }

  private static func simpleEscape(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }
}
