internal import ProtobufSchema

/// Bytes, as base64 text of either alphabet, padded or not (RFC 4648, sections 4 and 5).
extension JSONMessageReader {
  /// Decodes the text and writes the bytes.
  mutating func base64(
    _ field: UnsafePointer<FieldLayout>, _ text: Content, _ form: ValueForm, at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    var count = text.count
    while count > 0, text.count - count < 2, text.start[count - 1] == UInt8(ascii: "=") { count -= 1 }
    let isPadded = count != text.count
    // Four characters are three bytes; two or three left over are one or two bytes, one left over is none.
    let left = count % 4
    guard left != 1, !isPadded || (text.count % 4 == 0) else {
      throw fail(.invalidBase64, at: place, expected: expectation(of: view(field)))
    }
    let decodedCount = count / 4 * 3 + (left == 0 ? 0 : left - 1)
    if decodedCount == 0, form == .unlessDefault { return }
    room(decodedCount + 32)
    tag(field)
    varint(UInt64(decodedCount))
    var bits: UInt32 = 0
    var invalid: UInt8 = 0
    var i = 0
    while i &+ 4 <= count {
      let a = Base64Alphabet.value(text.start[i])
      let b = Base64Alphabet.value(text.start[i &+ 1])
      let c = Base64Alphabet.value(text.start[i &+ 2])
      let d = Base64Alphabet.value(text.start[i &+ 3])
      invalid |= a | b | c | d
      bits = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
      o[0] = UInt8(truncatingIfNeeded: bits >> 16)
      o[1] = UInt8(truncatingIfNeeded: bits >> 8)
      o[2] = UInt8(truncatingIfNeeded: bits)
      o += 3
      i &+= 4
    }
    if left > 0 {
      let a = Base64Alphabet.value(text.start[i])
      let b = Base64Alphabet.value(text.start[i + 1])
      let c = left == 3 ? Base64Alphabet.value(text.start[i + 2]) : 0
      invalid |= a | b | c
      bits = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6
      o[0] = UInt8(truncatingIfNeeded: bits >> 16)
      if left == 3 { o[1] = UInt8(truncatingIfNeeded: bits >> 8) }
      o += left - 1
    }
    if invalid & 0xC0 != 0 { throw fail(.invalidBase64, at: place, expected: expectation(of: view(field))) }
  }
}

/// The two base64 alphabets as one table: they differ in two characters and agree in all others.
enum Base64Alphabet {
  /// The six bits of the character, or 0xFF.
  @inline(__always)
  static func value(_ byte: UInt8) -> UInt8 { table[Int(byte)] }

  private static let table: InlineArray<256, UInt8> = {
    var table = InlineArray<256, UInt8>(repeating: 0xFF)
    for (i, byte) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
      table[Int(byte)] = UInt8(i)
    }
    table[Int(UInt8(ascii: "-"))] = 62
    table[Int(UInt8(ascii: "_"))] = 63
    return table
  }()
}
