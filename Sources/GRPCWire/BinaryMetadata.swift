/// The values of `-bin` metadata: base64 (RFC 4648 section 4) on the wire, bytes to the application.
///
/// gRPC's PROTOCOL-HTTP2: readers "MUST accept padded and un-padded values and SHOULD emit un-padded values";
/// several values of one name may be joined by commas.
public enum BinaryMetadata {
  /// Without padding.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.underestimatedCount * 4 + 2) / 3)
    var group: UInt32 = 0
    var bits: UInt32 = 0
    for byte in bytes {
      group = (group << 8 | UInt32(byte)) & 0xFFFF
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(group >> bits & 0x3F)])
      }
    }
    if bits > 0 { text.append(alphabet[Int(group << (6 - bits) & 0x3F)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// One value. nil when it has a character that is not of the alphabet, a length no bytes encode to, or
  /// padding that is not exactly what its length asks for. Bits that no byte needs are not looked at.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 4 * 3 + 2)
    var group: UInt32 = 0
    var characters = 0
    var padding = 0
    for character in text.utf8 {
      if character == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(of: character) else { return nil }
      group = group << 6 | UInt32(value)
      characters += 1
      switch characters % 4 {
      case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
      case 3: bytes.append(UInt8(truncatingIfNeeded: group >> 2))
      case 0: bytes.append(UInt8(truncatingIfNeeded: group))
      default: break
      }
    }
    switch characters % 4 {
    case 0 where padding == 0: return bytes
    case 2 where padding == 0 || padding == 2: return bytes
    case 3 where padding == 0 || padding == 1: return bytes
    default: return nil
    }
  }

  /// The values of a comma-joined list, white space around them dropped; nil when one of them is bad.
  public static func decodeList(_ text: String) -> [[UInt8]]? {
    var values: [[UInt8]] = []
    for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
      let start = part.drop(while: isSpace)
      let end = start.lastIndex { !isSpace($0) }.map { start.index(after: $0) } ?? start.startIndex
      guard let value = decode(Substring(start[..<end])) else { return nil }
      values.append(value)
    }
    return values
  }

  /// The list again as gRPC wants it sent: no padding, no white space; nil when a value is bad.
  public static func normalize(_ text: String) -> String? {
    guard let values = decodeList(text) else { return nil }
    return values.map { encode($0) }.joined(separator: ",")
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
