internal import ProtobufSchema

/// Fields with many values: arrays, and objects that are maps.
extension JSONMessageReader {
  /// Reads an array or a map's object. An empty one writes nothing.
  mutating func repeated(_ field: UnsafePointer<FieldLayout>) throws(Halt) {
    if field.pointee.isMap { return try map(field, allowsDuplicates: false) }
    guard next == UInt8(ascii: "[") else { throw wrongType(field) }
    try descend()
    skipWhitespace()
    if next == UInt8(ascii: "]") {
      p += 1
      depth &-= 1
      return
    }
    if field.pointee.isPacked {
      let before = position
      room(16)
      tag(field)
      let slot = beginLength()
      repeat { try element(field, form: .packed) } while try continues(closing: UInt8(ascii: "]"))
      if position == slot.position + 1 {
        // Every element was an unknown name that is passed over.
        o -= position - before
      } else {
        endLength(slot)
      }
    } else {
      repeat { try element(field, form: .tagged) } while try continues(closing: UInt8(ascii: "]"))
    }
  }

  @inline(__always)
  private mutating func element(_ field: UnsafePointer<FieldLayout>, form: ValueForm) throws(Halt) {
    if next == UInt8(ascii: "n"), !Self.elementTakesNull(field) { throw nullElement(field) }
    switch field.pointee.kind {
    case .string: try string(field, skipsEmpty: false)
    case .message, .group: try nested(field, node: -1)
    default: try scalar(field, form: form)
    }
  }

  @inline(__always)
  private static func elementTakesNull(_ field: UnsafePointer<FieldLayout>) -> Bool {
    if let message = field.pointee.message { return message.pointee.wellKnownCode == WellKnownType.value.rawValue }
    if let enumeration = field.pointee.enumeration { return enumeration.pointee.isNullValue }
    return false
  }

  /// Reads an object as a map: each member becomes one entry message `{key = 1, value = 2}`.
  ///
  /// - Parameter allowsDuplicates: for the free-form JSON of a `Struct`, of which RFC 8259 only says that keys SHOULD
  ///   be unique; of several entries the last one counts, as in every protobuf parser.
  mutating func map(_ field: UnsafePointer<FieldLayout>, allowsDuplicates: Bool) throws(Halt) {
    guard next == UInt8(ascii: "{"), let entry = field.pointee.message, entry.pointee.fieldCount == 2 else {
      throw wrongType(field)
    }
    try descend()
    skipWhitespace()
    if next == UInt8(ascii: "}") {
      p += 1
      depth &-= 1
      return
    }
    let key = entry.pointee.fields
    let value = key + 1
    var keys = MapKeySet(base: keyRecords.count)
    repeat {
      let before = position
      room(16)
      tag(field)
      let slot = beginLength()
      let keyAt = p
      let keyStart = position
      try mapKey(key)
      let keyCount = position - keyStart
      guard allowsDuplicates || keys.isNew(position: keyStart, count: keyCount, o - keyCount, keyRecords, buffer) else {
        throw duplicate(at: keyAt)
      }
      try colon()
      skipWhitespace()
      passesUnknownName = false
      try element(value, form: .tagged)
      if passesUnknownName, value.pointee.kind == .enumeration {
        o -= position - before
        continue
      }
      endLength(slot)
      if allowsDuplicates { continue }
      // The length in front may have moved the key.
      let moved = gaps.isLast(slot.position) ? 0 : OutputBuffer.varintCount(position - slot.position - 1) - 1
      keys.insert(
        MapKeySet.Record(position: keyStart + moved, count: keyCount), &keyRecords, buffer)
    } while try continues(closing: UInt8(ascii: "}"))
    keyRecords.removeLast(keyRecords.count - keys.base)
  }

  private mutating func mapKey(_ key: UnsafePointer<FieldLayout>) throws(Halt) {
    guard next == UInt8(ascii: "\"") else { throw missingKey() }
    if key.pointee.kind == .string { return try string(key, skipsEmpty: false) }
    let at = p
    try text(try content(), key, .tagged, at: at)
  }
}
