/// JSON strings from UTF-8 text.
///
///     string  = quotation-mark *char quotation-mark                          (RFC 8259 section 7)
///     escaped = %x22 / %x5C / %x00-1F; everything else stands as it is, DEL and U+2028 included
///
/// Eight bytes are judged and copied at a time as long as none of them needs an escape and none is outside of ASCII.
extension OutputBuffer {
  /// Appends the text in quotes.
  ///
  /// - Returns: `nil`, or where the text stops being UTF-8; what was written of it is then still in the buffer.
  @inline(__always)
  mutating func appendString(_ text: UnsafePointer<UInt8>, count: Int) -> UnsafePointer<UInt8>? {
    append(UInt8(ascii: "\""))
    if let fault = appendStringContent(text, count: count) { return fault }
    append(UInt8(ascii: "\""))
    return nil
  }

  /// Appends the text escaped, without the quotes.
  mutating func appendStringContent(_ text: UnsafePointer<UInt8>, count textCount: Int) -> UnsafePointer<UInt8>? {
    var source = text
    let end = text + textCount
    // Words of eight are stored whole, up to seven bytes past the end.
    var target = reserve(textCount &+ 8)
    while true {
      let left = end - source
      if left <= 0 { break }
      let word = StringWord.load(source, left)
      UnsafeMutableRawPointer(target).storeBytes(of: word, as: UInt64.self)
      let special = StringWord.specialBytes(word)
      // The bytes past the end of the text are zero, so they stop the word as well.
      let plain = min(special.trailingZeroBitCount >> 3, left)
      source += plain
      target += plain
      if plain == 8 || source == end { continue }
      commit(upTo: target)
      if source.pointee < 0x80 {
        appendEscape(source.pointee)
        source += 1
      } else {
        // A sequence is as long as its source; what room there was for it is there still.
        guard let next = appendMultibyte(source, end) else { return source }
        source = next
      }
      target = reserve((end - source) &+ 8)
    }
    commit(upTo: target)
    return nil
  }

  /// Appends the sequences from `start` on until the next ASCII byte; answers where that is, `nil` when one is not UTF-8.
  private mutating func appendMultibyte(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var source = start
    repeat {
      let length = StringWord.sequenceLength(source, end)
      if length == 0 { return nil }
      source += length
    } while source < end && source.pointee >= 0x80
    append(contentsOf: UnsafeRawBufferPointer(start: start, count: source - start))
    return source
  }

  private mutating func appendEscape(_ byte: UInt8) {
    let target = reserve(6)
    target[0] = UInt8(ascii: "\\")
    let short: UInt8
    switch byte {
    case 0x08: short = UInt8(ascii: "b")
    case 0x09: short = UInt8(ascii: "t")
    case 0x0A: short = UInt8(ascii: "n")
    case 0x0C: short = UInt8(ascii: "f")
    case 0x0D: short = UInt8(ascii: "r")
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): short = byte
    default:
      target[1] = UInt8(ascii: "u")
      target[2] = UInt8(ascii: "0")
      target[3] = UInt8(ascii: "0")
      target[4] = UInt8(ascii: "0") &+ (byte >> 4)
      let low = byte & 15
      target[5] = low < 10 ? UInt8(ascii: "0") &+ low : UInt8(ascii: "a") &- 10 &+ low
      return commit(6)
    }
    target[1] = short
    commit(2)
  }
}

/// Eight bytes of text in a register, the first one lowest.
enum StringWord {
  @inline(__always)
  private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

  /// Up to eight bytes of the text; what is not there is zero. Reads nothing past the text.
  @inline(__always)
  static func load(_ text: UnsafePointer<UInt8>, _ left: Int) -> UInt64 {
    let raw = UnsafeRawPointer(text)
    if left >= 8 { return UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self)) }
    if left >= 4 {
      let low = UInt64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
      let high = UInt64(UInt32(littleEndian: (raw + (left &- 4)).loadUnaligned(as: UInt32.self)))
      return low | high &<< UInt64(truncatingIfNeeded: 8 &* (left &- 4))
    }
    // One to three bytes: first, middle and last cover them all.
    let middle = left >> 1
    let first = UInt64(text[0])
    let last = UInt64(text[left &- 1]) &<< UInt64(truncatingIfNeeded: 8 &* (left &- 1))
    return first | UInt64(text[middle]) &<< UInt64(truncatingIfNeeded: 8 &* middle) | last
  }

  /// The high bit of each byte that is a control character, a quote, a backslash or not ASCII.
  ///
  /// Only the lowest one is meaningful: a subtraction that borrows spoils the bytes above it, never those below.
  @inline(__always)
  static func specialBytes(_ word: UInt64) -> UInt64 {
    let control = word &- every(0x20)
    let quote = (word ^ every(0x22)) &- every(1)
    let backslash = (word ^ every(0x5C)) &- every(1)
    return (control | quote | backslash | word) & every(0x80)
  }

  /// How long the UTF-8 sequence is that starts here, 0 when it is none (Unicode 15, table 3-7: no overlong forms, no
  /// surrogates, nothing beyond U+10FFFF).
  @inline(__always)
  static func sequenceLength(_ text: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
    let first = text[0]
    let left = end - text
    switch first {
    case 0xC2...0xDF:
      return left >= 2 && isContinuation(text[1]) ? 2 : 0
    case 0xE0...0xEF:
      guard left >= 3, isContinuation(text[1]), isContinuation(text[2]) else { return 0 }
      if first == 0xE0 { return text[1] >= 0xA0 ? 3 : 0 }
      if first == 0xED { return text[1] < 0xA0 ? 3 : 0 }
      return 3
    case 0xF0...0xF4:
      guard left >= 4, isContinuation(text[1]), isContinuation(text[2]), isContinuation(text[3]) else { return 0 }
      if first == 0xF0 { return text[1] >= 0x90 ? 4 : 0 }
      if first == 0xF4 { return text[1] < 0x90 ? 4 : 0 }
      return 4
    default:
      return 0
    }
  }

  @inline(__always)
  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
