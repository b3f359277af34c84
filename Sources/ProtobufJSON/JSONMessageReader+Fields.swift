internal import ProtobufSchema

/// Single fields, written from outside of their message: bodies that are one field, and values from path and query.
extension JSONMessageReader {
  /// Opens a message field that will hold others.
  mutating func begin(_ field: UnsafePointer<FieldLayout>) -> LengthSlot {
    room(16)
    tag(field)
    if field.pointee.kind == .group { return LengthSlot(position: position, owed: gaps.owed) }
    return beginLength()
  }

  mutating func end(_ field: UnsafePointer<FieldLayout>, _ slot: LengthSlot) {
    guard field.pointee.kind == .group else { return endLength(slot) }
    room(16)
    UnsafeMutableRawPointer(o).storeBytes(of: field.pointee.tagBytes &+ 1, as: UInt64.self)
    o += Int(field.pointee.tagCount)
  }

  /// Reads a field's value from JSON; `null` is no value.
  mutating func field(_ field: UnsafePointer<FieldLayout>, node: Int32) throws(Halt) {
    var inside: Int32 = -1
    if node >= 0, let bound {
      switch bound.binding(of: field, at: node) {
      case .bound: throw alreadyBound(field, at: p)
      case .inside(let child): inside = child
      case .free: break
      }
    }
    if next == UInt8(ascii: "n"), !Self.takesNull(field) { return try literal("null") }
    if field.pointee.isRepeated {
      try repeated(field)
    } else {
      try singular(field, node: inside)
    }
  }

  /// Writes a text as the one value, or as one element of a list (a packed record of one).
  mutating func element(text content: Content, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm) throws(Halt) {
    guard form == .packed else { return try text(content, field, form, at: content.start) }
    room(16)
    tag(field)
    let slot = beginLength()
    try text(content, field, form, at: content.start)
    endLength(slot)
  }

  /// Writes one entry of a map from two texts.
  mutating func mapEntry(_ field: UnsafePointer<FieldLayout>, key: [UInt8], value: Content) throws(Halt) {
    guard let entry = field.pointee.message, entry.pointee.fieldCount == 2 else { throw wrongType(field) }
    let slot = begin(field)
    let fields = entry.pointee.fields
    let failed: Bool = key.withUnsafeBufferPointer { bytes in
      let content = Content(start: bytes.baseAddress ?? value.start, count: bytes.count)
      do throws(Halt) {
        try text(content, fields, .tagged, at: value.start)
        return false
      } catch {
        return true
      }
    }
    if failed {
      // What was wrong is the key, not the value that the reader looks at. The fault is made anew: assigned to in place,
      // its old text would never be freed (Swift 6.3, optimised).
      detail = detail.map { fault in
        FaultDetail(
          code: fault.code, offset: fault.offset, found: "the key \(String(decoding: key.prefix(40), as: UTF8.self))",
          expected: fault.expected, suggestion: fault.suggestion, pathSuffix: fault.pathSuffix)
      }
      throw Halt()
    }
    try text(value, fields + 1, .tagged, at: value.start)
    end(field, slot)
  }
}
