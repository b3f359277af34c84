internal import ProtobufSchema

/// Map fields: on the wire, repeated messages of a key and a value.
///
/// A key that comes again replaces what came before, so all entries are known before the first one is written. The
/// entries' places lie in `scratch`; their keys are pushed behind them, one word each: numbers as they are, strings as
/// `start << 32 | end`.
extension DecodingPass {
  /// What marks the place of an entry that is not to be written. No record is at this place.
  private static var dropped: UInt64 { .max }

  /// The entries that follow one another; `start` is at the first one's tag.
  mutating func mapRun(
    _ field: UnsafePointer<FieldLayout>, _ start: Cursor, _ end: Cursor
  ) throws(Fault) -> Cursor {
    let base = scratch.count
    var cursor = start
    while cursor < end {
      let tagStart = cursor
      let tag = try readTag(&cursor, end)
      if tag &>> 3 != UInt32(bitPattern: field.pointee.number) {
        cursor = tagStart
        break
      }
      scratch.append(offset(tagStart))
      cursor = try skip(tag, cursor, end)
    }
    appendKey(field)
    try mapValue(field, base..<scratch.count, end)
    scratch.removeLast(scratch.count - base)
    return cursor
  }

  /// Writes the entries whose tags are at `places` of `scratch` as an object.
  mutating func mapValue(
    _ field: UnsafePointer<FieldLayout>, _ places: Range<Int>, _ limit: Cursor
  ) throws(Fault) {
    guard let entry = field.pointee.message, let key = entry.pointee.field(number: 1),
      let value = entry.pointee.field(number: 2)
    else { return out.append(contentsOf: "{}" as StaticString) }
    let keys = scratch.count
    for place in places {
      do throws(Fault) {
        let content = try entryContent(field, place, limit)
        scratch.append(try readKey(key, content))
        if let enumeration = value.pointee.enumeration, enumeration.pointee.isClosed {
          if try hasUnknownEnum(value, content) { scratch[place] = Self.dropped }
        }
      } catch {
        throw within(field, error, index: place - places.lowerBound)
      }
    }
    if places.count > 1 { dropRepeatedKeys(places, keys: keys, areStrings: key.pointee.kind == .string) }

    let mark = out.count
    level &+= 1
    for place in places where scratch[place] != Self.dropped {
      let word = scratch[keys + (place - places.lowerBound)]
      do throws(Fault) {
        let content = try entryContent(field, place, limit)
        try beginElement(content.start)
        try appendMapKey(key.pointee.kind, word)
        try entryValue(value, content)
      } catch {
        prepend("[\(keyText(key.pointee.kind, word))]")
        throw within(field, error)
      }
    }
    closeObject(mark)
    level &-= 1
    scratch.removeLast(scratch.count - keys)
  }

  private mutating func entryContent(
    _ field: UnsafePointer<FieldLayout>, _ place: Int, _ limit: Cursor
  ) throws(Fault) -> WireSegments {
    var cursor = input + Int(truncatingIfNeeded: scratch[place] & 0xFFFF_FFFF)
    let tag = try readTag(&cursor, limit)
    return try readMessage(field, tag: tag, &cursor, limit)
  }

  // MARK: Keys

  /// The word of an entry's key; the kind's default when it has none.
  private mutating func readKey(
    _ key: UnsafePointer<FieldLayout>, _ content: WireSegments
  ) throws(Fault) -> UInt64 {
    let kind = key.pointee.kind
    var word = kind == .string ? packed(content.start, content.start) : 0
    var cursor = content.start
    while cursor < content.end {
      let tag = try readTag(&cursor, content.end)
      if tag &>> 3 != 1 {
        cursor = try skip(tag, cursor, content.end)
      } else if kind == .string {
        if tag & 7 != 2 { throw wrongType(tag, cursor) }
        let end = try readLength(&cursor, content.end)
        word = packed(cursor, end)
        cursor = end
      } else {
        word = try readScalar(kind, tag: tag, &cursor, content.end)
        if kind == .bool, word != 0 { word = 1 }
      }
    }
    return word
  }

  private mutating func appendMapKey(_ kind: FieldKind, _ word: UInt64) throws(Fault) {
    switch kind {
    case .string:
      let text = unpacked(word)
      try appendString(text.start, text.end)
    case .int64, .uint64, .sint64, .fixed64, .sfixed64:
      appendScalar(kind, word, nil)
    default:
      out.append(UInt8(ascii: "\""))
      appendScalar(kind, word, nil)
      out.append(UInt8(ascii: "\""))
    }
    out.append(UInt8(ascii: ":"))
    if indent >= 0 { out.append(UInt8(ascii: " ")) }
  }

  /// The key as it is shown in the path of a fault.
  private func keyText(_ kind: FieldKind, _ word: UInt64) -> String {
    switch kind {
    case .string:
      let text = unpacked(word)
      let bytes = UnsafeBufferPointer(start: text.start, count: min(text.end - text.start, 64))
      return "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .bool: return word == 0 ? "false" : "true"
    case .sint32, .sint64: return "\(Self.unzigzag(word))"
    case .int32, .sfixed32: return "\(Int32(truncatingIfNeeded: word))"
    case .int64, .sfixed64: return "\(Int64(bitPattern: word))"
    default: return "\(word)"
    }
  }

  /// Of entries with the same key only the last one stays.
  private mutating func dropRepeatedKeys(_ places: Range<Int>, keys: Int, areStrings: Bool) {
    let count = places.count
    if count <= 8 {
      for later in 1..<count where scratch[places.lowerBound + later] != Self.dropped {
        for earlier in 0..<later where isSameKey(scratch[keys + earlier], scratch[keys + later], areStrings) {
          scratch[places.lowerBound + earlier] = Self.dropped
        }
      }
      return
    }
    // Open addressing with the standard library's seeded hash: keys are chosen by whoever sends the message.
    var bits = 4
    while 1 << bits < count * 2 { bits += 1 }
    let mask = 1 << bits - 1
    var table = [Int32](repeating: -1, count: 1 << bits)
    for entry in (0..<count).reversed() where scratch[places.lowerBound + entry] != Self.dropped {
      let word = scratch[keys + entry]
      var slot = hash(word, areStrings) & mask
      while table[slot] >= 0, !isSameKey(scratch[keys + Int(table[slot])], word, areStrings) {
        slot = (slot + 1) & mask
      }
      if table[slot] >= 0 { scratch[places.lowerBound + entry] = Self.dropped } else { table[slot] = Int32(entry) }
    }
  }

  private func isSameKey(_ a: UInt64, _ b: UInt64, _ areStrings: Bool) -> Bool {
    guard areStrings else { return a == b }
    let first = unpacked(a)
    let second = unpacked(b)
    let count = first.end - first.start
    return count == second.end - second.start && NameTable.equal(first.start, second.start, count)
  }

  private func hash(_ word: UInt64, _ areStrings: Bool) -> Int {
    var hasher = Hasher()
    if areStrings {
      let text = unpacked(word)
      hasher.combine(bytes: UnsafeRawBufferPointer(start: text.start, count: text.end - text.start))
    } else {
      hasher.combine(word)
    }
    return hasher.finalize()
  }

  // MARK: Values

  /// Writes an entry's value: the last one, a message merged from all, the default when there is none.
  /// An enum in a map always has the default 0; protoc refuses others.
  private mutating func entryValue(_ value: UnsafePointer<FieldLayout>, _ content: WireSegments) throws(Fault) {
    let base = scratch.count
    var merged: WireSegments?
    var lastTag: UInt32 = 0
    var last = content.start
    var cursor = content.start
    while cursor < content.end {
      let tag = try readTag(&cursor, content.end)
      if tag &>> 3 != 2 {
        cursor = try skip(tag, cursor, content.end)
      } else if value.pointee.message == nil {
        lastTag = tag
        last = cursor
        cursor = try skip(tag, cursor, content.end)
      } else {
        let part = try readMessage(value, tag: tag, &cursor, content.end)
        if merged == nil { merged = part } else { scratch.append(packed(part.start, part.end)) }
      }
    }
    if let message = value.pointee.message {
      var wire = merged ?? WireSegments(content.end, content.end)
      wire.more = base..<scratch.count
      try messageValue(message, wire)
      scratch.removeLast(scratch.count - base)
    } else if lastTag != 0 {
      try scalarValue(value, tag: lastTag, last, content.end)
    } else {
      appendDefault(value)
    }
  }

  private mutating func hasUnknownEnum(
    _ value: UnsafePointer<FieldLayout>, _ content: WireSegments
  ) throws(Fault) -> Bool {
    var isUnknown = false
    var cursor = content.start
    while cursor < content.end {
      let tag = try readTag(&cursor, content.end)
      if tag == UInt32(2 << 3) {
        isUnknown = isUnknownToClosedEnum(value, try readVarint(&cursor, content.end))
      } else {
        cursor = try skip(tag, cursor, content.end)
      }
    }
    return isUnknown
  }
}
