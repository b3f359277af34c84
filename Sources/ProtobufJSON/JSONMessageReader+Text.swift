internal import ProtobufSchema

/// Values that stand as bare text: keys of maps, and what paths and queries hold.
extension JSONMessageReader {
  /// Writes the text as the field's value, by the field's kind.
  mutating func text(
    _ text: Content, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm, at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    switch field.pointee.kind {
    case .string:
      guard UTF8Sequence.isValid(text.start, text.end) else {
        throw fail(.invalidUTF8, at: place, expected: "UTF-8")
      }
      room(text.count + 32)
      tag(field)
      varint(UInt64(text.count))
      o.update(from: text.start, count: text.count)
      o += text.count
    case .bytes: try base64(field, text, form, at: place)
    case .bool:
      let isTrue = Self.equals(text, "true")
      guard isTrue || Self.equals(text, "false") else {
        throw fail(.wrongType, at: place, expected: expectation(of: view(field)))
      }
      write(varint: isTrue ? 1 : 0, field, form)
    case .enumeration: try enumeration(text: text, field, form, at: place)
    case .message, .group: try message(text: text, field, at: place)
    default: try number(text: text, field, form, at: place)
    }
  }

  private mutating func enumeration(
    text: Content, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm, at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    guard let layout = field.pointee.enumeration else { throw wrongType(field) }
    if let value = layout.pointee.value(name: text.start, count: text.count) {
      return write(varint: UInt64(bitPattern: Int64(value.pointee.number)), field, form)
    }
    var decimal = DecimalNumber()
    var fault = place
    guard DecimalNumber.scan(text.start, text.end, into: &decimal, fault: &fault) == text.end else {
      throw unknownEnumName(text, layout, at: place)
    }
    try enumeration(decimal, text.start, text.end, layout, field, form, at: place)
  }

  /// Messages whose JSON is a string or a bare scalar can be written as text, others cannot.
  private mutating func message(
    text: Content, _ field: UnsafePointer<FieldLayout>, at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    guard let layout = field.pointee.message, let known = layout.pointee.wellKnown, field.pointee.kind == .message
    else {
      throw fail(.wrongType, at: place, expected: "a field of \(expectation(of: view(field))), not the message itself")
    }
    switch known {
    case .timestamp, .duration, .fieldMask:
      room(16)
      tag(field)
      let slot = beginLength()
      try wellKnown(text: text, layout, at: place)
      endLength(slot)
    case .any, .listValue, .structure, .value, .empty:
      throw fail(.wrongType, at: place, expected: "\(known.fullName), which has no form in a path or query")
    default:
      room(16)
      tag(field)
      let slot = beginLength()
      try self.text(text, layout.pointee.fields, .unlessDefault, at: place)
      endLength(slot)
    }
  }
}
