internal import ProtobufSchema

/// Reading the wire format (protobuf.dev, "Encoding").
///
///     message = (tag value)*            tag    = field << 3 | wire type, a varint of at most 32 bits
///     VARINT 0   I64 1   LEN 2   SGROUP 3   EGROUP 4   I32 5
extension DecodingPass {
  @inline(__always)
  mutating func readTag(_ cursor: inout Cursor, _ end: Cursor) throws(Fault) -> UInt32 {
    let first = cursor.pointee
    if first < 0x80 {
      if first < 8 { throw fail(.invalidTag, at: cursor) }
      cursor += 1
      return UInt32(first)
    }
    if end - cursor >= 2, cursor[1] < 0x80 {
      let tag = UInt32(first & 0x7F) | UInt32(cursor[1]) &<< 7
      if tag < 8 { throw fail(.invalidTag, at: cursor) }
      cursor += 2
      return tag
    }
    let (value, next) = try longVarint(cursor, end)
    guard value <= UInt64(UInt32.max), value >= 8, next - cursor <= 5 else { throw fail(.invalidTag, at: cursor) }
    cursor = next
    return UInt32(truncatingIfNeeded: value)
  }

  @inline(__always)
  mutating func readVarint(_ cursor: inout Cursor, _ end: Cursor) throws(Fault) -> UInt64 {
    if cursor < end, cursor.pointee < 0x80 {
      let value = UInt64(cursor.pointee)
      cursor += 1
      return value
    }
    let (value, next) = try longVarint(cursor, end)
    cursor = next
    return value
  }

  /// Bits beyond the 64th are dropped, as other readers do.
  @inline(never)
  private mutating func longVarint(_ start: Cursor, _ end: Cursor) throws(Fault) -> (UInt64, Cursor) {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var cursor = start
    while cursor < end {
      let byte = cursor.pointee
      cursor += 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return (value, cursor) }
      shift &+= 7
      if shift == 70 { throw fail(.varintTooLong, at: start) }
    }
    throw fail(.truncated, at: start)
  }

  /// Reads a length; the cursor is then at the first byte of the content, whose end is answered.
  @inline(__always)
  mutating func readLength(_ cursor: inout Cursor, _ end: Cursor) throws(Fault) -> Cursor {
    let start = cursor
    let length = try readVarint(&cursor, end)
    guard length <= UInt64(truncatingIfNeeded: end - cursor) else { throw fail(.truncated, at: start) }
    return cursor + Int(truncatingIfNeeded: length)
  }

  /// Answers where the value ends that follows the tag.
  @inline(__always)
  mutating func skip(_ tag: UInt32, _ start: Cursor, _ end: Cursor) throws(Fault) -> Cursor {
    var cursor = start
    switch tag & 7 {
    case 0:
      _ = try readVarint(&cursor, end)
      return cursor
    case 2:
      return try readLength(&cursor, end)
    case 1:
      guard end - cursor >= 8 else { throw fail(.truncated, at: start) }
      return cursor + 8
    case 5:
      guard end - cursor >= 4 else { throw fail(.truncated, at: start) }
      return cursor + 4
    case 3:
      return try endOfGroup(number: tag &>> 3, start, end, level: depth &+ 1).after
    default:
      throw fail(tag & 7 == 4 ? .unmatchedGroup : .invalidTag, at: start)
    }
  }

  /// Finds the end tag of the group whose content starts here.
  ///
  /// - Returns: where the content ends, and the byte after the end tag.
  mutating func endOfGroup(
    number: UInt32, _ start: Cursor, _ end: Cursor, level: Int
  ) throws(Fault) -> (content: Cursor, after: Cursor) {
    if level > options.maximumDepth { throw fail(.tooDeep, at: start) }
    var cursor = start
    while cursor < end {
      let tagStart = cursor
      let tag = try readTag(&cursor, end)
      switch tag & 7 {
      case 3:
        cursor = try endOfGroup(number: tag &>> 3, cursor, end, level: level &+ 1).after
      case 4:
        if tag &>> 3 != number { throw fail(.unmatchedGroup, at: tagStart) }
        return (tagStart, cursor)
      default:
        cursor = try skip(tag, cursor, end)
      }
    }
    throw fail(.truncated, at: start)
  }

  /// Reads the content of a message field in either form.
  mutating func readMessage(
    _ field: UnsafePointer<FieldLayout>, tag: UInt32, _ cursor: inout Cursor, _ end: Cursor
  ) throws(Fault) -> WireSegments {
    if field.pointee.kind == .group {
      if tag & 7 != 3 { throw wrongType(tag, cursor) }
      let group = try endOfGroup(number: tag &>> 3, cursor, end, level: depth &+ 1)
      let content = WireSegments(cursor, group.content)
      cursor = group.after
      return content
    }
    if tag & 7 != 2 { throw wrongType(tag, cursor) }
    let contentEnd = try readLength(&cursor, end)
    let content = WireSegments(cursor, contentEnd)
    cursor = contentEnd
    return content
  }

  /// The fault of a known field that has another wire type than its own.
  @inline(never)
  mutating func wrongType(_ tag: UInt32, _ cursor: Cursor) -> Fault {
    switch tag & 7 {
    case 4: fail(.unmatchedGroup, at: cursor)
    case 6, 7: fail(.invalidTag, at: cursor)
    default: fail(.wrongWireType, at: cursor)
    }
  }

  /// The place of a cursor in the message, as it is kept in `scratch`.
  @inline(__always)
  func offset(_ cursor: Cursor) -> UInt64 { UInt64(truncatingIfNeeded: cursor - input) }

  /// A range of the message in one word, as it is kept in `scratch`.
  @inline(__always)
  func packed(_ start: Cursor, _ end: Cursor) -> UInt64 { offset(start) &<< 32 | offset(end) }

  @inline(__always)
  func unpacked(_ word: UInt64) -> WireSegments {
    WireSegments(
      input + Int(truncatingIfNeeded: word &>> 32), input + Int(truncatingIfNeeded: word & 0xFFFF_FFFF))
  }

  /// The nth range of a message.
  @inline(__always)
  func segment(_ index: Int, of wire: WireSegments) -> WireSegments {
    index == 0 ? wire : unpacked(scratch[wire.more.lowerBound &+ index &- 1])
  }
}
