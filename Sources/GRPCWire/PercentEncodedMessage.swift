/// The encoding of `grpc-message`.
///
///     Percent-Encoded          = 1*(Percent-Byte-Unencoded / Percent-Byte-Encoded)
///     Percent-Byte-Unencoded   = 1*( %x20-%x24 / %x26-%x7E )
///     Percent-Byte-Encoded     = "%" 2HEXDIGIT
///
/// gRPC's PROTOCOL-HTTP2 asks the reader to be tolerant: "When decoding invalid values, implementations MUST
/// NOT error or throw away the message. At worst, the implementation can abort decoding the status message
/// altogether such that the user would receive the raw percent-encoded form." Here a bad escape stays as it
/// was sent while the good ones are decoded, and what is not UTF-8 becomes U+FFFD.
public enum PercentEncodedMessage {
  /// - Parameter isSound: set to false when an escape was bad or the bytes were not UTF-8.
  public static func decode(_ text: String, isSound: inout Bool) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      if let high = digits.first.flatMap(hexDigit), digits.count == 2, let low = digits.last.flatMap(hexDigit) {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
        isSound = false
      }
    }
    if let decoded = String(validating: bytes, as: UTF8.self) { return decoded }
    isSound = false
    return String(decoding: bytes, as: UTF8.self)
  }

  public static func decode(_ text: String) -> String {
    var isSound = true
    return decode(text, isSound: &isSound)
  }

  public static func encode(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "%") }
    guard !isPlain else { return text }
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count * 3)
    for byte in text.utf8 {
      if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
        bytes.append(byte)
      } else {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 0x0F)])
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
