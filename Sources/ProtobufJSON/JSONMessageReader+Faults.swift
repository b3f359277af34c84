internal import ProtobufSchema

/// What went wrong, before its place is worked out.
struct FaultDetail {
  var code: JSONFault.Code
  var offset: Int
  var found: String
  var expected: String
  var suggestion: String?
  /// What follows the path of the enclosing value: `.name`, or nothing.
  var pathSuffix: String
}

/// Faults are rare and end the reading: everything here may be slow.
extension JSONMessageReader {
  /// Keeps the fault; the answer is thrown. `found` is what stands at the place, unless it is given.
  @inline(never)
  mutating func fail(
    _ code: JSONFault.Code, at place: UnsafePointer<UInt8>, expected: String, found: String? = nil,
    suggestion: String? = nil, suffix: String = ""
  ) -> Halt {
    let described = isPlainText ? FaultText.quoted(start, end) : FaultText.token(place, end)
    detail = FaultDetail(
      code: code, offset: place - start, found: found ?? described, expected: expected, suggestion: suggestion,
      pathSuffix: suffix)
    return Halt()
  }

  func shown(_ place: UnsafePointer<UInt8>, _ count: Int) -> String {
    FaultText.sanitized(place, min(end, place + count))
  }

  func view(_ field: UnsafePointer<FieldLayout>) -> FieldSchema {
    FieldSchema(schema: schema, index: field.pointee.index)
  }

  func view(_ layout: UnsafePointer<MessageLayout>) -> MessageSchema {
    MessageSchema(schema: schema, index: layout.pointee.index)
  }

  /// The value at `p` is not of the field's type, or no value at all.
  @inline(never)
  mutating func wrongType(_ field: UnsafePointer<FieldLayout>) -> Halt {
    mismatch(field.pointee.isRepeated ? Self.listExpectation(view(field)) : expectation(of: view(field)))
  }

  @inline(never)
  mutating func wrongType(of layout: UnsafePointer<MessageLayout>) -> Halt {
    mismatch(FaultText.expectation(of: view(layout)))
  }

  private mutating func mismatch(_ expected: String) -> Halt {
    switch next {
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      if !FaultText.isLiteral(p, end) { return malformedLiteral() }
    case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "-"), 0x30...0x39: break
    default: return fail(p < end ? .syntax : .unexpectedEnd, at: p, expected: expected)
    }
    return fail(.wrongType, at: p, expected: expected)
  }

  @inline(never)
  mutating func missingValue() -> Halt {
    fail(p < end ? .syntax : .unexpectedEnd, at: p, expected: "a value")
  }

  @inline(never)
  mutating func malformedLiteral() -> Halt {
    fail(.syntax, at: p, expected: "true, false or null, or a string in quotes")
  }

  @inline(never)
  mutating func malformedNumber(at place: UnsafePointer<UInt8>) -> Halt {
    if place == end { return fail(.unexpectedEnd, at: place, expected: "the rest of the number") }
    let isZero = place > start && place[-1] == 0x30 && place.pointee &- 0x30 <= 9
    return fail(
      .invalidNumber, at: place, expected: isZero ? "a number without leading zeros" : "a digit of the number",
      found: isZero ? "another digit after the leading zero" : FaultText.character(place, end))
  }

  @inline(never)
  mutating func missingKey() -> Halt {
    fail(p < end ? .syntax : .unexpectedEnd, at: p, expected: "a key in double quotes")
  }

  @inline(never)
  mutating func missingComma(closing: UInt8) -> Halt {
    let code: JSONFault.Code = p < end ? .syntax : .unexpectedEnd
    return fail(code, at: p, expected: "',' or '\(Unicode.Scalar(closing))'")
  }

  @inline(never)
  mutating func invalidUTF8(at place: UnsafePointer<UInt8>) -> Halt {
    fail(.invalidUTF8, at: place, expected: "UTF-8", found: FaultText.hexadecimal(place, end))
  }

  @inline(never)
  mutating func duplicate(at key: UnsafePointer<UInt8>) -> Halt {
    fail(
      .duplicateKey, at: key, expected: "each key once", found: "\(FaultText.token(key, end)) a second time",
      suffix: FaultText.pathStep(forKeyAt: key, end))
  }

  @inline(never)
  mutating func unknownField(
    _ name: Content, in layout: UnsafePointer<MessageLayout>, at key: UnsafePointer<UInt8>
  ) -> Halt {
    let text = String(decoding: UnsafeBufferPointer(start: name.start, count: name.count), as: UTF8.self)
    let message = view(layout)
    return fail(
      .unknownField, at: key, expected: "a field of \(message.fullName)",
      suggestion: message.nearestFieldName(to: text), suffix: FaultText.pathStep(forKeyAt: key, end))
  }

  @inline(never)
  mutating func unknownEnumName(
    _ name: Content, _ layout: UnsafePointer<EnumLayout>, at place: UnsafePointer<UInt8>
  ) -> Halt {
    let text = String(decoding: UnsafeBufferPointer(start: name.start, count: name.count), as: UTF8.self)
    let enumeration = EnumSchema(schema: schema, index: layout.pointee.index)
    return fail(
      .unknownEnumValue, at: place, expected: FaultText.expectation(of: enumeration),
      suggestion: enumeration.nearestName(to: text))
  }

  @inline(never)
  mutating func nullElement(_ field: UnsafePointer<FieldLayout>) -> Halt {
    if !FaultText.isLiteral(p, end) { return malformedLiteral() }
    return fail(.nullElement, at: p, expected: "\(expectation(of: view(field))) in every place")
  }

  @inline(never)
  mutating func oneofConflict(_ field: UnsafePointer<FieldLayout>, at key: UnsafePointer<UInt8>) -> Halt {
    let name = view(field).oneof?.name ?? ""
    return fail(
      .oneofConflict, at: key, expected: "at most one field of the oneof \"\(name)\"",
      found: "\(FaultText.token(key, end)) beside another", suffix: FaultText.pathStep(forKeyAt: key, end))
  }

  @inline(never)
  mutating func missingRequired(_ field: UnsafePointer<FieldLayout>, at place: UnsafePointer<UInt8>) -> Halt {
    let name = view(field).jsonName
    return fail(
      .missingRequired, at: place, expected: "the required field \"\(name)\"", found: "no value for it",
      suffix: FaultText.pathStep(name))
  }

  /// Message sets (proto2 before extensions were possible) have a wire form of their own, which is not written here.
  @inline(never)
  mutating func messageSet(_ layout: UnsafePointer<MessageLayout>) -> Halt {
    fail(
      .wrongType, at: p,
      expected: "no field of \(view(layout).fullName): messages with message_set_wire_format cannot be sent as JSON")
  }

  @inline(never)
  mutating func alreadyBound(_ field: UnsafePointer<FieldLayout>, at place: UnsafePointer<UInt8>) -> Halt {
    fail(
      .alreadyBound, at: place, expected: "no \"\(view(field).jsonName)\": the path or the query has set it",
      suffix: place < end && place.pointee == UInt8(ascii: "\"") ? FaultText.pathStep(forKeyAt: place, end) : "")
  }

  /// What a value of the field looks like, for messages.
  func expectation(of field: FieldSchema) -> String { FaultText.expectation(of: field) }

  private static func listExpectation(_ field: FieldSchema) -> String {
    field.isMap ? "an object (a map)" : "an array of \(field.message?.fullName ?? field.kind.protoName)"
  }
}
