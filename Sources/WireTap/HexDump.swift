import NIOCore

/// Octets as `hexdump -C` prints them:
///
///     00000000  50 52 49 20 2a 20 48 54  54 50 2f 32 2e 30 0d 0a  |PRI * HTTP/2.0..|
enum HexDump {
  private static let digits = Array("0123456789abcdef".utf8)

  static func append(_ bytes: ByteBuffer, to text: inout [UInt8]) {
    bytes.withUnsafeReadableBytes { bytes in
      text.reserveCapacity(text.count + (bytes.count / 16 + 1) * 79)
      var start = 0
      while start < bytes.count {
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 16, bytes.count)])
        appendLine(line, at: start, to: &text)
        start += 16
      }
    }
  }

  private static func appendLine(_ line: UnsafeRawBufferPointer, at offset: Int, to text: inout [UInt8]) {
    for shift in stride(from: 28, through: 0, by: -4) { text.append(digits[offset >> shift & 15]) }
    text.append(UInt8(ascii: " "))
    for column in 0..<16 {
      if column % 8 == 0 { text.append(UInt8(ascii: " ")) }
      if column < line.count {
        text.append(digits[Int(line[column] >> 4)])
        text.append(digits[Int(line[column] & 15)])
      } else {
        text.append(UInt8(ascii: " "))
        text.append(UInt8(ascii: " "))
      }
      text.append(UInt8(ascii: " "))
    }
    text.append(UInt8(ascii: " "))
    text.append(UInt8(ascii: "|"))
    for byte in line { text.append((0x20...0x7E).contains(byte) ? byte : UInt8(ascii: ".")) }
    text.append(UInt8(ascii: "|"))
    text.append(UInt8(ascii: "\n"))
  }
}

/// Text of strangers on its way to a terminal, which must not be given commands.
enum PrintableText {
  /// Appends the text with control characters as escapes; line ends and tabs stay where they are wanted.
  static func append(_ string: String, keepingLines: Bool = false, to text: inout [UInt8]) {
    for scalar in string.unicodeScalars {
      switch scalar.value {
      case 0x0A where keepingLines, 0x09 where keepingLines: text.append(UInt8(scalar.value))
      case 0x0D where keepingLines: break
      case 0..<0x20, 0x7F..<0xA0: text += Array("\\u{\(String(scalar.value, radix: 16))}".utf8)
      default: text += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }
}
