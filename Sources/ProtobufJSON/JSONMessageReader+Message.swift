internal import ProtobufSchema

/// Objects and the fields in them.
extension JSONMessageReader {
  /// How a message's object is read besides its fields.
  enum ObjectForm {
    case ordinary
    /// Inside of an `Any`: the key `@type` has been read and is passed.
    case any
  }

  /// Reads the value at `p` as the message's content, without tag and length.
  @inline(__always)
  mutating func message(_ layout: UnsafePointer<MessageLayout>, node: Int32) throws(Halt) {
    if layout.pointee.wellKnownCode != 0 {
      try wellKnown(layout, node: node)
    } else {
      try object(layout, node: node, form: .ordinary)
    }
  }

  /// Reads an object, key by key. The next field in declaration order is tried first: most writers keep it.
  mutating func object(_ layout: UnsafePointer<MessageLayout>, node: Int32, form: ObjectForm) throws(Halt) {
    guard next == UInt8(ascii: "{") else { throw wrongType(of: layout) }
    let opening = p
    try descend()
    skipWhitespace()
    var bits: UInt64 = 0
    let more = moreBits.count
    if layout.pointee.bitWords > 1 { openMoreBits(layout) }
    if next == UInt8(ascii: "}") {
      p += 1
      depth &-= 1
    } else {
      if layout.pointee.isMessageSet { throw messageSet(layout) }
      let fields = layout.pointee.fields
      let fieldsEnd = fields + Int(layout.pointee.fieldCount)
      var expected = fields
      var seesType = false
      repeat {
        let key = p
        var field: UnsafePointer<FieldLayout>?
        if expected < fieldsEnd, matches(expected) {
          p += Int(expected.pointee.jsonKeyCount)
          field = expected
        } else {
          field = try self.key(layout, form: form, seesType: &seesType)
        }
        skipWhitespace()
        guard let field else {
          try skipValue()
          continue
        }
        if mark(Int(field.pointee.ordinal), &bits, more) { throw duplicate(at: key) }
        expected = field + 1
        if node >= 0 {
          try boundMember(field, in: layout, node: node, &bits, more, key: key)
        } else {
          try member(field, in: layout, &bits, more, key: key, node: -1)
        }
      } while try continues(closing: UInt8(ascii: "}"))
    }
    if layout.pointee.requiredCount > 0 { try checkRequired(layout, node: node, bits, more, opening) }
    if layout.pointee.bitWords > 1 { moreBits.removeLast(moreBits.count - more) }
  }

  /// Whether `"jsonName":` of this field, without an escape, stands at `p`. Padded key bytes allow whole words.
  @inline(__always)
  private func matches(_ field: UnsafePointer<FieldLayout>) -> Bool {
    let count = Int(field.pointee.jsonKeyCount)
    guard end - p >= count &+ 8 else { return end - p >= count && NameTable.equal(field.pointee.jsonKey, p, count) }
    let key = field.pointee.jsonKey
    var i = 0
    while i &+ 8 <= count {
      if NameTable.load(key + i) != NameTable.load(p + i) { return false }
      i &+= 8
    }
    let rest = UInt64(truncatingIfNeeded: count &- i) &* 8
    let mask = UInt64(1) << rest &- 1
    let difference = UInt64(littleEndian: NameTable.load(key + i)) ^ UInt64(littleEndian: NameTable.load(p + i))
    return difference & mask == 0
  }

  /// Reads a key and its colon. Nil for a key that is to be passed with its value.
  @inline(never)
  private mutating func key(
    _ layout: UnsafePointer<MessageLayout>, form: ObjectForm, seesType: inout Bool
  ) throws(Halt) -> UnsafePointer<FieldLayout>? {
    let start = p
    guard next == UInt8(ascii: "\"") else { throw missingKey() }
    let name = try content()
    let field = layout.pointee.field(name: name.start, count: name.count)
    if field == nil {
      if case .any = form, name.count == 5, Self.isTypeKey(name) {
        if seesType { throw duplicate(at: start) }
        seesType = true
      } else if !ignoresUnknown {
        throw unknownField(name, in: layout, at: start)
      }
    }
    try colon()
    return field
  }

  @inline(__always)
  mutating func colon() throws(Halt) {
    skipWhitespace()
    guard next == UInt8(ascii: ":") else {
      throw fail(p < end ? .syntax : .unexpectedEnd, at: p, expected: "':' after the key")
    }
    p += 1
  }

  /// Reads the value of a field that is known not to have come before.
  @inline(__always)
  private mutating func member(
    _ field: UnsafePointer<FieldLayout>, in layout: UnsafePointer<MessageLayout>, _ bits: inout UInt64, _ more: Int,
    key: UnsafePointer<UInt8>, node: Int32
  ) throws(Halt) {
    if next == UInt8(ascii: "n"), !Self.takesNull(field) {
      // null is "not set" (ProtoJSON, "Null values").
      try literal("null")
      if field.pointee.isRequired { throw missingRequired(field, at: key) }
      return
    }
    if field.pointee.oneof >= 0, mark(layout.pointee.totalCount + Int(field.pointee.oneof), &bits, more) {
      throw oneofConflict(field, at: key)
    }
    if field.pointee.isRepeated {
      try repeated(field)
    } else {
      try singular(field, node: node)
    }
  }

  /// The same where the path or the query has set fields of this message.
  @inline(never)
  private mutating func boundMember(
    _ field: UnsafePointer<FieldLayout>, in layout: UnsafePointer<MessageLayout>, node: Int32, _ bits: inout UInt64,
    _ more: Int, key: UnsafePointer<UInt8>
  ) throws(Halt) {
    guard let bound else { return try member(field, in: layout, &bits, more, key: key, node: -1) }
    var child: Int32 = -1
    switch bound.binding(of: field, at: node) {
    case .bound: throw alreadyBound(field, at: key)
    case .inside(let inside): child = inside
    case .free:
      if next != UInt8(ascii: "n"), bound.bindsOneof(of: field, in: layout, at: node) {
        throw oneofConflict(field, at: key)
      }
    }
    try member(field, in: layout, &bits, more, key: key, node: child)
  }

  /// A field whose JSON may be `null` and means something by it.
  @inline(__always)
  static func takesNull(_ field: UnsafePointer<FieldLayout>) -> Bool {
    if field.pointee.isRepeated { return false }
    if let message = field.pointee.message { return message.pointee.wellKnownCode == WellKnownType.value.rawValue }
    if let enumeration = field.pointee.enumeration { return enumeration.pointee.isNullValue }
    return false
  }

  /// Reads one value of the field and writes it with its tag; a default is left out where the field has no presence.
  @inline(__always)
  mutating func singular(_ field: UnsafePointer<FieldLayout>, node: Int32) throws(Halt) {
    switch field.pointee.kind {
    case .string: try string(field, skipsEmpty: !field.pointee.hasPresence)
    case .message, .group: try nested(field, node: node)
    default: try scalar(field, form: field.pointee.hasPresence ? .tagged : .unlessDefault)
    }
  }

  /// Reads a message or group and writes it with tag and length, or between its tags.
  mutating func nested(_ field: UnsafePointer<FieldLayout>, node: Int32) throws(Halt) {
    guard let layout = field.pointee.message else { throw wrongType(field) }
    room(16)
    tag(field)
    if field.pointee.kind == .group {
      try message(layout, node: node)
      room(16)
      // Start and end tag differ in the lowest bits of the first byte: 3 and 4.
      UnsafeMutableRawPointer(o).storeBytes(of: field.pointee.tagBytes &+ 1, as: UInt64.self)
      o += Int(field.pointee.tagCount)
    } else {
      let slot = beginLength()
      try message(layout, node: node)
      endLength(slot)
    }
  }

  private mutating func checkRequired(
    _ layout: UnsafePointer<MessageLayout>, node: Int32, _ bits: UInt64, _ more: Int, _ opening: UnsafePointer<UInt8>
  ) throws(Halt) {
    for ordinal in 0..<layout.pointee.totalCount {
      let field = layout.pointee.fields + ordinal
      guard field.pointee.isRequired else { continue }
      let word = ordinal < 64 ? bits : moreBits[more + ordinal / 64 - 1]
      if word >> UInt64(ordinal % 64) & 1 == 1 { continue }
      if node >= 0, let bound {
        if case .free = bound.binding(of: field, at: node) {} else { continue }
      }
      throw missingRequired(field, at: opening)
    }
  }

  /// Sets the bit and answers whether it was set before.
  @inline(__always)
  private mutating func mark(_ bit: Int, _ bits: inout UInt64, _ more: Int) -> Bool {
    if bit < 64 {
      let mask: UInt64 = 1 &<< UInt64(truncatingIfNeeded: bit)
      let was = bits & mask
      bits |= mask
      return was != 0
    }
    return markMore(bit, more)
  }

  @inline(never)
  private mutating func markMore(_ bit: Int, _ more: Int) -> Bool {
    let place = more + bit / 64 - 1
    let mask: UInt64 = 1 << UInt64(bit % 64)
    let was = moreBits[place] & mask
    moreBits[place] |= mask
    return was != 0
  }

  @inline(never)
  private mutating func openMoreBits(_ layout: UnsafePointer<MessageLayout>) {
    for _ in 1..<layout.pointee.bitWords { moreBits.append(0) }
  }
}
