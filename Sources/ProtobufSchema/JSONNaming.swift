/// Names as JSON has them.
package enum JSONNaming {
  /// `foo_bar` becomes `fooBar`: each underscore goes, the letter after it is capitalized. The rest stays as it is
  /// (`ToJsonName` of the protobuf compiler).
  package static func camelCase(_ name: String) -> String {
    var result: [UInt8] = []
    var capitalizes = false
    for byte in name.utf8 {
      if byte == UInt8(ascii: "_") {
        capitalizes = true
      } else {
        result.append(capitalizes && (0x61...0x7A).contains(byte) ? byte - 0x20 : byte)
        capitalizes = false
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The text as a JSON string with its quotes: only what must be escaped is.
  package static func quoted(_ text: String) -> [UInt8] {
    let hex = Array("0123456789abcdef".utf8)
    var result: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: result += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      default: result.append(byte)
      }
    }
    return result + [UInt8(ascii: "\"")]
  }
}
