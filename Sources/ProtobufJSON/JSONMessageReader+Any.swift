internal import ProtobufSchema

/// `google.protobuf.Any`: `{"@type": "host/full.Name", fields…}`, or `{"@type": …, "value": …}` for types with a JSON
/// form of their own.
extension JSONMessageReader {
  mutating func any(_ layout: UnsafePointer<MessageLayout>) throws(Halt) {
    guard next == UInt8(ascii: "{") else { throw wrongType(of: layout) }
    let object = p
    guard let typePlace = try typePlace() else {
      return try emptyAny(layout)
    }
    p = typePlace
    guard next == UInt8(ascii: "\"") else {
      throw fail(.wrongType, at: p, expected: "a type URL such as \"type.googleapis.com/google.protobuf.Duration\"")
    }
    let url = try content()
    let held = try type(url, at: typePlace)
    let fields = layout.pointee.fields
    room(url.count + 32)
    tag(fields)
    varint(UInt64(url.count))
    o.update(from: url.start, count: url.count)
    o += url.count
    p = object
    let before = position
    room(16)
    tag(fields + 1)
    let slot = beginLength()
    if held.pointee.wellKnownCode != 0 {
      try heldValue(held)
    } else {
      try self.object(held, node: -1, form: .any)
    }
    if position == slot.position + 1 {
      o -= position - before
    } else {
      endLength(slot)
    }
  }

  /// Without a type there may be nothing else either.
  private mutating func emptyAny(_ layout: UnsafePointer<MessageLayout>) throws(Halt) {
    let object = p
    try descend()
    skipWhitespace()
    guard next == UInt8(ascii: "}") else {
      throw fail(.invalidValue, at: object, expected: "the key \"@type\" in a google.protobuf.Any", found: "none")
    }
    p += 1
    depth &-= 1
  }

  /// Where the value of the object's `@type` stands; the reader stays where it is.
  private mutating func typePlace() throws(Halt) -> UnsafePointer<UInt8>? {
    let object = p
    let offset = object - start
    defer { p = object }
    if !typeIndex.covers(offset) {
      p += 1
      skipWhitespace()
      if next == UInt8(ascii: "\""), Self.isTypeKey(try content()) {
        try colon()
        skipWhitespace()
        return p
      }
      p = object
      try skipValue(notingTypes: true)
      typeIndex.passed(to: p - start)
    }
    return typeIndex.place(in: offset).map { start + $0 }
  }

  /// The message type behind the last slash of the URL. Hosts are not looked at.
  private mutating func type(
    _ url: Content, at place: UnsafePointer<UInt8>
  ) throws(Halt) -> UnsafePointer<MessageLayout> {
    var name = url.end
    while name > url.start, name[-1] != UInt8(ascii: "/") { name -= 1 }
    guard name > url.start, name < url.end else {
      throw fail(.invalidValue, at: place, expected: "a type URL: a host, a slash and the full name of a message type")
    }
    let index = schema.messageNames.value(name, url.end - name)
    guard index >= 0 else {
      throw fail(.unknownType, at: place, expected: "the name of a message type that the schema has")
    }
    return schema.messageLayouts + Int(index)
  }

  /// Reads `{"@type": …, "value": …}`. `Empty` may come without its value, as a message of no fields.
  private mutating func heldValue(_ held: UnsafePointer<MessageLayout>) throws(Halt) {
    let object = p
    try descend()
    skipWhitespace()
    var seesType = false
    var seesValue = false
    repeat {
      let at = p
      guard next == UInt8(ascii: "\"") else { throw missingKey() }
      let name = try content()
      let isType = Self.isTypeKey(name)
      let isValue = !isType && Self.equals(name, "value")
      if isType && seesType || isValue && seesValue { throw duplicate(at: at) }
      if !isType, !isValue, !ignoresUnknown {
        throw fail(.unknownField, at: at, expected: "only \"@type\" and \"value\" beside each other")
      }
      seesType = seesType || isType
      seesValue = seesValue || isValue
      try colon()
      skipWhitespace()
      if isValue {
        try message(held, node: -1)
      } else {
        try skipValue()
      }
    } while try continues(closing: UInt8(ascii: "}"))
    if !seesValue, held.pointee.wellKnown != .empty {
      throw fail(.invalidValue, at: object, expected: "the key \"value\" beside \"@type\"", found: "none")
    }
  }
}
