internal import ProtobufSchema

/// Fields, lists and scalars.
extension DecodingPass {
  /// A field that holds one value; answers where its record ends.
  @inline(__always)
  mutating func singularField(
    _ field: UnsafePointer<FieldLayout>, tag: UInt32, _ start: Cursor, _ end: Cursor
  ) throws(Fault) -> Cursor {
    var cursor = start
    switch field.pointee.kind {
    case .string:
      if tag & 7 != 2 { throw wrongType(tag, cursor) }
      let contentEnd = try readLength(&cursor, end)
      if cursor == contentEnd, omitsDefault(field) { return contentEnd }
      appendKey(field)
      try appendString(cursor, contentEnd)
      return contentEnd
    case .bytes:
      if tag & 7 != 2 { throw wrongType(tag, cursor) }
      let contentEnd = try readLength(&cursor, end)
      if cursor == contentEnd, omitsDefault(field) { return contentEnd }
      appendKey(field)
      out.appendBase64(cursor, count: contentEnd - cursor)
      return contentEnd
    case .message, .group:
      let content = try readMessage(field, tag: tag, &cursor, end)
      appendKey(field)
      if let message = field.pointee.message { try messageValue(message, content) }
      return cursor
    default:
      let bits = try readScalar(field.pointee.kind, tag: tag, &cursor, end)
      if bits == 0, omitsDefault(field) { return cursor }
      if isUnknownToClosedEnum(field, bits) { return cursor }
      appendKey(field)
      appendScalar(field.pointee.kind, bits, field.pointee.enumeration)
      return cursor
    }
  }

  /// Whether a value that equals the default is left out. Only fields without presence have that choice.
  @inline(__always)
  private func omitsDefault(_ field: UnsafePointer<FieldLayout>) -> Bool {
    !emitDefaults && !field.pointee.hasPresence
  }

  /// A number that a closed enum does not name counts as an unknown field (protobuf.dev, "Enum Behavior").
  @inline(__always)
  func isUnknownToClosedEnum(_ field: UnsafePointer<FieldLayout>, _ bits: UInt64) -> Bool {
    guard let enumeration = field.pointee.enumeration, enumeration.pointee.isClosed else { return false }
    return enumeration.pointee.value(number: Int32(truncatingIfNeeded: bits)) == nil
  }

  // MARK: Lists

  /// The records of a repeated field that follow one another; `start` is behind the first one's tag.
  mutating func listRun(
    _ field: UnsafePointer<FieldLayout>, tag firstTag: UInt32, _ start: Cursor, _ end: Cursor
  ) throws(Fault) -> Cursor {
    let keyMark = out.count
    appendKey(field)
    let mark = out.count
    level &+= 1
    var cursor = start
    var tag = firstTag
    var index = 0
    while true {
      do throws(Fault) {
        cursor = try listRecord(field, tag: tag, cursor, end, &index)
      } catch {
        throw within(field, error, index: index)
      }
      if cursor >= end { break }
      let tagStart = cursor
      tag = try readTag(&cursor, end)
      if tag &>> 3 != UInt32(bitPattern: field.pointee.number) {
        cursor = tagStart
        break
      }
    }
    finishList(field, mark, keyMark)
    return cursor
  }

  /// Ends a list that may have no elements: packed records can be empty, and closed enums leave numbers out.
  mutating func finishList(_ field: UnsafePointer<FieldLayout>, _ mark: Int, _ keyMark: Int) {
    let isEmpty = out.count == mark
    closeList(mark)
    level &-= 1
    if isEmpty, !emitDefaults { out.truncate(to: keyMark) }
  }

  /// The elements of one record, each with a comma in front; answers where the record ends.
  @inline(__always)
  mutating func listRecord(
    _ field: UnsafePointer<FieldLayout>, tag: UInt32, _ start: Cursor, _ end: Cursor, _ index: inout Int
  ) throws(Fault) -> Cursor {
    var cursor = start
    switch field.pointee.kind {
    case .string:
      if tag & 7 != 2 { throw wrongType(tag, cursor) }
      let contentEnd = try readLength(&cursor, end)
      try beginElement(cursor)
      try appendString(cursor, contentEnd)
      cursor = contentEnd
    case .bytes:
      if tag & 7 != 2 { throw wrongType(tag, cursor) }
      let contentEnd = try readLength(&cursor, end)
      try beginElement(cursor)
      out.appendBase64(cursor, count: contentEnd - cursor)
      cursor = contentEnd
    case .message, .group:
      let content = try readMessage(field, tag: tag, &cursor, end)
      try beginElement(cursor)
      if let message = field.pointee.message { try messageValue(message, content) }
    default:
      if tag & 7 == 2 { return try packedRecord(field, cursor, end, &index) }
      let bits = try readScalar(field.pointee.kind, tag: tag, &cursor, end)
      if isUnknownToClosedEnum(field, bits) { return cursor }
      try beginElement(cursor)
      appendScalar(field.pointee.kind, bits, field.pointee.enumeration)
    }
    index &+= 1
    return cursor
  }

  private mutating func packedRecord(
    _ field: UnsafePointer<FieldLayout>, _ start: Cursor, _ end: Cursor, _ index: inout Int
  ) throws(Fault) -> Cursor {
    var cursor = start
    let contentEnd = try readLength(&cursor, end)
    let kind = field.pointee.kind
    let tag = UInt32(kind.wireType.rawValue)
    while cursor < contentEnd {
      let bits = try readScalar(kind, tag: tag, &cursor, contentEnd)
      if isUnknownToClosedEnum(field, bits) { continue }
      try beginElement(cursor)
      appendScalar(kind, bits, field.pointee.enumeration)
      index &+= 1
    }
    return contentEnd
  }

  // MARK: Scalars

  @inline(__always)
  mutating func appendString(_ start: Cursor, _ end: Cursor) throws(Fault) {
    if let fault = out.appendString(start, count: end - start) { throw fail(.invalidUTF8, at: fault) }
  }

  /// Reads a number's bits: 64 of them, or the low 32 for kinds that have no more; zero is the kind's default.
  @inline(__always)
  mutating func readScalar(
    _ kind: FieldKind, tag: UInt32, _ cursor: inout Cursor, _ end: Cursor
  ) throws(Fault) -> UInt64 {
    switch kind {
    case .double, .fixed64, .sfixed64:
      if tag & 7 != 1 { throw wrongType(tag, cursor) }
      guard end - cursor >= 8 else { throw fail(.truncated, at: cursor) }
      let bits = UInt64(littleEndian: UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self))
      cursor += 8
      return bits
    case .float, .fixed32, .sfixed32:
      if tag & 7 != 5 { throw wrongType(tag, cursor) }
      guard end - cursor >= 4 else { throw fail(.truncated, at: cursor) }
      let bits = UInt32(littleEndian: UnsafeRawPointer(cursor).loadUnaligned(as: UInt32.self))
      cursor += 4
      return UInt64(bits)
    case .int64, .uint64, .sint64, .bool:
      if tag & 7 != 0 { throw wrongType(tag, cursor) }
      return try readVarint(&cursor, end)
    case .int32, .uint32, .sint32, .enumeration:
      if tag & 7 != 0 { throw wrongType(tag, cursor) }
      return try readVarint(&cursor, end) & 0xFFFF_FFFF
    case .string, .bytes, .message, .group:
      // Callers take these kinds apart before.
      throw wrongType(tag, cursor)
    }
  }

  @inline(__always)
  mutating func appendScalar(_ kind: FieldKind, _ bits: UInt64, _ enumeration: UnsafePointer<EnumLayout>?) {
    switch kind {
    case .double: out.appendNumber(Double(bitPattern: bits))
    case .float: out.appendNumber(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .int32, .sfixed32: out.appendDecimal(Int64(Int32(truncatingIfNeeded: bits)))
    case .uint32, .fixed32: out.appendDecimal(bits)
    case .sint32: out.appendDecimal(Int64(Int32(truncatingIfNeeded: Self.unzigzag(bits))))
    case .int64, .sfixed64: out.appendQuotedDecimal(Int64(bitPattern: bits))
    case .uint64, .fixed64: out.appendQuotedDecimal(bits)
    case .sint64: out.appendQuotedDecimal(Self.unzigzag(bits))
    case .bool: appendBool(bits != 0)
    case .enumeration: appendEnum(Int32(truncatingIfNeeded: bits), enumeration)
    case .string, .bytes, .message, .group: break
    }
  }

  @inline(__always)
  static func unzigzag(_ bits: UInt64) -> Int64 {
    Int64(bitPattern: bits &>> 1) ^ -Int64(bitPattern: bits & 1)
  }

  @inline(__always)
  mutating func appendBool(_ value: Bool) {
    out.append(contentsOf: value ? "true" as StaticString : "false")
  }

  @inline(__always)
  mutating func appendEnum(_ number: Int32, _ enumeration: UnsafePointer<EnumLayout>?) {
    if let enumeration {
      if enumeration.pointee.isNullValue { return out.append(contentsOf: "null" as StaticString) }
      if !enumsAsNumbers, let value = enumeration.pointee.value(number: number) {
        let count = Int(value.pointee.quotedCount)
        Self.copyPadded(value.pointee.quoted, count, to: out.reserve(count &+ 8))
        return out.commit(count)
      }
    }
    out.appendDecimal(Int64(number))
  }

  // MARK: Defaults

  /// The fields from one ordinal up to another that were not on the wire and have no presence.
  @inline(__always)
  mutating func appendDefaults(_ message: UnsafePointer<MessageLayout>, _ from: Int32, _ to: Int32) {
    if emitDefaults { appendMissing(message, from, min(to, message.pointee.fieldCount)) }
  }

  private mutating func appendMissing(_ message: UnsafePointer<MessageLayout>, _ from: Int32, _ to: Int32) {
    var ordinal = from
    while ordinal < to {
      let field = message.pointee.fields + Int(ordinal)
      ordinal &+= 1
      if field.pointee.isRepeated || !field.pointee.hasPresence {
        appendKey(field)
        appendDefault(field)
      }
    }
  }

  mutating func appendDefault(_ field: UnsafePointer<FieldLayout>) {
    if field.pointee.isMap { return out.append(contentsOf: "{}" as StaticString) }
    if field.pointee.isRepeated { return out.append(contentsOf: "[]" as StaticString) }
    switch field.pointee.kind {
    case .string, .bytes: out.append(contentsOf: "\"\"" as StaticString)
    default: appendScalar(field.pointee.kind, 0, field.pointee.enumeration)
    }
  }
}
