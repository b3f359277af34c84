internal import ProtobufSchema

/// Words for what was found and what was expected. What a caller sent is shown short and without control characters.
enum FaultText {
  private static let maximumShown = 40

  /// The token at the place: a string, a number or a word as it stands, or what it is the beginning of.
  static func token(_ place: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    guard place < end else { return "the end of the text" }
    switch place.pointee {
    case UInt8(ascii: "{"): return "an object"
    case UInt8(ascii: "["): return "an array"
    case UInt8(ascii: "\""):
      var q = place + 1
      while q < end, q - place < maximumShown, q.pointee != UInt8(ascii: "\"") {
        q += q.pointee == UInt8(ascii: "\\") && q + 1 < end ? 2 : 1
      }
      q = min(q, end)
      let isWhole = q < end && q.pointee == UInt8(ascii: "\"")
      return "\"\(sanitized(place + 1, q))\(isWhole ? "" : "…")\""
    case UInt8(ascii: "-"), 0x30...0x39, 0x41...0x5A, 0x61...0x7A:
      var q = place
      while q < end, q - place < maximumShown, isWordByte(q.pointee) { q += 1 }
      let isWhole = q == end || !isWordByte(q.pointee)
      return sanitized(place, q) + (isWhole ? "" : "…")
    default: return character(place, end)
    }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): true
    default: false
    }
  }

  /// All of a text in quotes.
  static func quoted(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    let isLong = end - start > maximumShown
    return "\"\(sanitized(start, isLong ? start + maximumShown : end))\(isLong ? "…" : "")\""
  }

  static func character(_ place: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    guard place < end else { return "the end of the text" }
    if place.pointee >= 0x80 {
      let count = UTF8Sequence.length(place, end)
      return count == 0 ? hexadecimal(place, end) : "'\(sanitized(place, place + count))'"
    }
    return place.pointee < 0x20 || place.pointee == 0x7F ? hexadecimal(place, end) : "'\(sanitized(place, place + 1))'"
  }

  static func hexadecimal(_ place: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    guard place < end else { return "the end of the text" }
    let digits = String(place.pointee, radix: 16, uppercase: true)
    return "the byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
  }

  /// The bytes as text: control characters and what is not UTF-8 become U+FFFD.
  static func sanitized(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: max(end - start, 0)), as: UTF8.self)
    var result = ""
    for scalar in text.unicodeScalars {
      result.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
    return result
  }

  /// Whether `true`, `false` or `null` stands here, whole.
  static func isLiteral(_ place: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    var q = place
    while q < end, q - place < 6, isWordByte(q.pointee) { q += 1 }
    let word = String(decoding: UnsafeBufferPointer(start: place, count: q - place), as: UTF8.self)
    return word == "true" || word == "false" || word == "null"
  }

  /// `.name` for names, `["any key"]` for other keys.
  static func pathStep(_ key: String) -> String {
    let isName =
      !key.isEmpty
      && key.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "@"): true
        default: false
        }
      }
    return isName ? ".\(key)" : "[\"\(key)\"]"
  }

  /// The step for the key whose opening quote stands here, escapes as they are written.
  static func pathStep(forKeyAt key: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    let shown = token(key, end)
    return pathStep(String(shown.dropFirst().dropLast()))
  }

  static func expectation(of field: FieldSchema) -> String {
    switch field.kind {
    case .double: "a double (finite, or \"NaN\", \"Infinity\", \"-Infinity\")"
    case .float: "a float (at most 3.4028235e+38, or \"NaN\", \"Infinity\", \"-Infinity\")"
    case .int32, .sint32, .sfixed32: "an integer from -2147483648 to 2147483647 (\(field.kind.protoName))"
    case .uint32, .fixed32: "an integer from 0 to 4294967295 (\(field.kind.protoName))"
    case .int64, .sint64, .sfixed64:
      "an integer from -9223372036854775808 to 9223372036854775807 (\(field.kind.protoName))"
    case .uint64, .fixed64: "an integer from 0 to 18446744073709551615 (\(field.kind.protoName))"
    case .bool: "true or false"
    case .string: "a string"
    case .bytes: "base64 text (bytes)"
    case .enumeration: field.enumeration.map { expectation(of: $0) } ?? "an enum value"
    case .message, .group: field.message.map { expectation(of: $0) } ?? "an object"
    }
  }

  /// A few names, so that small enums need no look into the documentation.
  static func expectation(of enumeration: EnumSchema) -> String {
    if enumeration.isNullValue { return "null" }
    let names = enumeration.values.prefix(6).map(\.name)
    let more = enumeration.values.count > names.count ? ", …" : ""
    return "a value of \(enumeration.fullName) (\(names.joined(separator: ", "))\(more))"
  }

  static func expectation(of message: MessageSchema) -> String {
    switch message.wellKnown {
    case .timestamp: "a time such as \"2025-01-31T12:00:00Z\", from year 0001 to 9999 (Timestamp)"
    case .duration: "a duration such as \"1.5s\", at most 315576000000s either way (Duration)"
    case .fieldMask: "lowerCamelCase field paths joined by commas (FieldMask)"
    case .structure: "an object (Struct)"
    case .listValue: "an array (ListValue)"
    case .value: "a value"
    case .any: "an object with \"@type\" (Any)"
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue, .uint32Value,
      .uint64Value:
      message.fields.first.map { expectation(of: $0) } ?? "a value"
    case .empty, nil: "an object (\(message.fullName))"
    }
  }
}
