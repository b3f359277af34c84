internal import ProtobufSchema

/// Passing values that are not wanted. They are read as strictly as the others.
extension JSONMessageReader {
  mutating func skipValue(notingTypes: Bool = false) throws(Halt) {
    switch next {
    case UInt8(ascii: "{"): try skipObject(notingTypes)
    case UInt8(ascii: "["):
      try descend()
      skipWhitespace()
      if next == UInt8(ascii: "]") {
        p += 1
        depth &-= 1
        return
      }
      repeat { try skipValue(notingTypes: notingTypes) } while try continues(closing: UInt8(ascii: "]"))
    case UInt8(ascii: "\""): _ = try content()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    case UInt8(ascii: "-"), 0x30...0x39:
      var decimal = DecimalNumber()
      var fault = p
      guard let numberEnd = DecimalNumber.scan(p, end, into: &decimal, fault: &fault) else {
        throw malformedNumber(at: fault)
      }
      p = numberEnd
    default: throw missingValue()
    }
  }

  private mutating func skipObject(_ notingTypes: Bool) throws(Halt) {
    let object = p - start
    try descend()
    skipWhitespace()
    if next == UInt8(ascii: "}") {
      p += 1
      depth &-= 1
      return
    }
    repeat {
      guard next == UInt8(ascii: "\"") else { throw missingKey() }
      let name = try content()
      let isType = notingTypes && Self.isTypeKey(name)
      try colon()
      skipWhitespace()
      if isType { typeIndex.note(object: object, type: p - start) }
      try skipValue(notingTypes: notingTypes)
    } while try continues(closing: UInt8(ascii: "}"))
  }
}
