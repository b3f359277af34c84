extension JSONStreamFramer {
  mutating func scan(_ bytes: UnsafeRawBufferPointer) throws(JSONStreamFault) -> Range<Int>? {
    while scanned < bytes.count {
      switch state {
      case .between, .afterComma, .afterValue, .beforeStart, .afterEnd:
        let byte = bytes[scanned]
        if Self.isWhitespace(byte) {
          scanned += 1
        } else {
          try outside(byte)
        }
      case .inContainer, .inString, .inEscape:
        if scanInside(bytes) { return try complete() }
      case .inScalar:
        while scanned < bytes.count, !Self.endsScalar(bytes[scanned]) { scanned += 1 }
        if scanned < bytes.count { return try complete() }
      }
      try checkSize()
    }
    return nil
  }

  private mutating func complete() throws(JSONStreamFault) -> Range<Int> {
    try checkSize()
    state = form == .concatenated ? .between : .afterValue
    itemIndex += 1
    return valueStart..<scanned
  }

  private func checkSize() throws(JSONStreamFault) {
    switch state {
    case .inContainer, .inString, .inEscape, .inScalar:
      if scanned - valueStart > maximumValueSize {
        throw fault(.tooLarge, at: valueStart, "the value is longer than \(maximumValueSize) bytes")
      }
    case .between, .afterComma, .afterValue, .beforeStart, .afterEnd: break
    }
  }

  /// A byte that is not white space, outside of values.
  private mutating func outside(_ byte: UInt8) throws(JSONStreamFault) {
    switch (state, byte) {
    case (.beforeStart, UInt8(ascii: "[")) where form != .sequence:
      form = .array
      state = .between
      scanned += 1
    case (.beforeStart, _) where form == .arrayOrConcatenated:
      form = .concatenated
      try beginValue(byte)
    case (.beforeStart, _) where form == .array:
      throw fault(.unexpectedByte, at: scanned, "found \(Self.shown(byte)), expected '[' of the array of messages")
    case (_, 0x1E) where form == .sequence && state != .afterEnd:
      state = .between
      scanned += 1
    case (.beforeStart, _):
      throw fault(.missingSeparator, at: scanned, "found \(Self.shown(byte)), expected RS (0x1E) before each value")
    case (.between, UInt8(ascii: "]")) where form == .array && itemIndex == 0,
      (.afterValue, UInt8(ascii: "]")) where form == .array:
      state = .afterEnd
      scanned += 1
    case (.afterValue, UInt8(ascii: ",")) where form == .array:
      state = .afterComma
      scanned += 1
    case (.afterValue, _) where form == .array:
      throw fault(.unexpectedByte, at: scanned, "found \(Self.shown(byte)), expected ',' or ']' after the value")
    case (.afterValue, _):
      throw fault(.trailing, at: scanned, "found \(Self.shown(byte)) after the value, expected RS (0x1E)")
    case (.afterEnd, _):
      throw fault(.trailing, at: scanned, "found \(Self.shown(byte)) after the end of the array")
    default: try beginValue(byte)
    }
  }

  private mutating func beginValue(_ byte: UInt8) throws(JSONStreamFault) {
    valueStart = scanned
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth = 1
      state = .inContainer
    case UInt8(ascii: "\""):
      depth = 0
      state = .inString
    case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      throw fault(.unexpectedByte, at: scanned, "found \(Self.shown(byte)), expected a value")
    default: state = .inScalar
    }
    scanned += 1
  }

  /// Goes on inside a container or string; true when the value is complete.
  private mutating func scanInside(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var i = scanned
    defer { scanned = i }
    while i < bytes.count {
      switch state {
      case .inEscape:
        i += 1
        state = .inString
      case .inString:
        while i < bytes.count - 8 {
          let marks = Self.quotesAndBackslashes(bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self))
          if marks != 0 {
            i += marks.trailingZeroBitCount >> 3
            break
          }
          i += 8
        }
        let byte = bytes[i]
        i += 1
        if byte == UInt8(ascii: "\\") {
          state = .inEscape
        } else if byte == UInt8(ascii: "\"") {
          state = .inContainer
          if depth == 0 { return true }
        }
      default:
        let byte = bytes[i]
        i += 1
        switch byte {
        case UInt8(ascii: "\""): state = .inString
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth -= 1
          if depth == 0 { return true }
        default: break
        }
      }
    }
    return false
  }

  /// Marks the lowest quote or backslash of the word in its highest bit; marks above it mean nothing.
  private static func quotesAndBackslashes(_ raw: UInt64) -> UInt64 {
    let word = UInt64(littleEndian: raw)
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    return ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & (ones &* 0x80)
  }

  private static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x0A, 0x0D, 0x09, 0x1E, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""):
      true
    default: false
    }
  }

  private static func shown(_ byte: UInt8) -> String {
    if byte > 0x20, byte < 0x7F { return "'\(Unicode.Scalar(byte))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "the byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
