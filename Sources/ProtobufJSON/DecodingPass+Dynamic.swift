internal import ProtobufSchema

/// Values whose type is only known from the message itself: Struct, Value, ListValue and Any.
extension DecodingPass {
  mutating func structValue(
    _ message: UnsafePointer<MessageLayout>, _ wire: WireSegments
  ) throws(Fault) {
    try enter(wire.start)
    let base = scratch.count
    var limit = wire.end
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      limit = max(limit, range.end)
      var cursor = range.start
      while cursor < range.end {
        let tagStart = cursor
        let tag = try readTag(&cursor, range.end)
        if tag &>> 3 == 1 { scratch.append(offset(tagStart)) }
        cursor = try skip(tag, cursor, range.end)
      }
    }
    try mapValue(message.pointee.fields, base..<scratch.count, limit)
    scratch.removeLast(scratch.count - base)
    leave()
  }

  mutating func listValue(
    _ message: UnsafePointer<MessageLayout>, _ wire: WireSegments
  ) throws(Fault) {
    try enter(wire.start)
    let mark = out.count
    let field = message.pointee.fields
    level &+= 1
    var index = 0
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      var cursor = range.start
      while cursor < range.end {
        let tag = try readTag(&cursor, range.end)
        if tag &>> 3 != 1 {
          cursor = try skip(tag, cursor, range.end)
          continue
        }
        do throws(Fault) {
          cursor = try listRecord(field, tag: tag, cursor, range.end, &index)
        } catch {
          prepend("[\(index)]")
          throw error
        }
      }
    }
    closeList(mark)
    level &-= 1
    leave()
  }

  /// A `google.protobuf.Value`: whichever of its kinds was set last, `null` when none was.
  mutating func dynamicValue(
    _ message: UnsafePointer<MessageLayout>, _ wire: WireSegments
  ) throws(Fault) {
    let base = scratch.count
    var kind: UInt32 = 0
    var bits: UInt64 = 0
    var content = WireSegments(wire.start, wire.start)
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      var cursor = range.start
      while cursor < range.end {
        let tag = try readTag(&cursor, range.end)
        let number = tag &>> 3
        switch number {
        case 1: _ = try readScalar(.enumeration, tag: tag, &cursor, range.end)
        case 2: bits = try readScalar(.double, tag: tag, &cursor, range.end)
        case 4: bits = try readScalar(.bool, tag: tag, &cursor, range.end)
        case 3, 5, 6:
          if tag & 7 != 2 { throw wrongType(tag, cursor) }
          let end = try readLength(&cursor, range.end)
          if number != 3, number == kind {
            scratch.append(packed(cursor, end))
          } else {
            scratch.removeLast(scratch.count - base)
            content = WireSegments(cursor, end)
          }
          cursor = end
        default:
          cursor = try skip(tag, cursor, range.end)
          continue
        }
        kind = number
      }
    }
    switch kind {
    case 2:
      guard Double(bitPattern: bits).isFinite else { throw fail(.valueNotFinite, at: wire.start) }
      out.appendNumber(Double(bitPattern: bits))
    case 3: try appendString(content.start, content.end)
    case 4: appendBool(bits != 0)
    case 5, 6:
      content.more = base..<scratch.count
      guard let type = message.pointee.field(number: kind)?.pointee.message else { break }
      try messageValue(type, content)
    default: out.append(contentsOf: "null" as StaticString)
    }
    scratch.removeLast(scratch.count - base)
  }

  // MARK: Any

  /// `{"@type":url, …fields}`, or `{"@type":url,"value":…}` when the type has a JSON form of its own. `{}` when empty.
  mutating func anyValue(_ wire: WireSegments) throws(Fault) {
    var url = WireSegments(wire.end, wire.end)
    var value = WireSegments(wire.end, wire.end)
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      var cursor = range.start
      while cursor < range.end {
        let tag = try readTag(&cursor, range.end)
        if tag &>> 3 > 2 {
          cursor = try skip(tag, cursor, range.end)
          continue
        }
        if tag & 7 != 2 { throw wrongType(tag, cursor) }
        let end = try readLength(&cursor, range.end)
        if tag &>> 3 == 1 { url = WireSegments(cursor, end) } else { value = WireSegments(cursor, end) }
        cursor = end
      }
    }

    try enter(wire.start)
    let mark = out.count
    level &+= 1
    if url.start < url.end {
      appendKey("\"@type\":")
      try appendString(url.start, url.end)
      try anyContent(url, value)
    } else if value.start < value.end {
      throw fail(.invalidAnyType, at: value.start)
    }
    closeObject(mark)
    level &-= 1
    leave()
  }

  private mutating func anyContent(_ url: WireSegments, _ value: WireSegments) throws(Fault) {
    var name = url.end
    while name > url.start, name[-1] != UInt8(ascii: "/") { name -= 1 }
    guard name < url.end else { throw fail(.invalidAnyType, at: url.start) }
    let place = schema.messageNames.value(name, url.end - name)
    guard place >= 0 else {
      guard options.showsUnknownTypes else { throw fail(.unknownAnyType, at: name) }
      appendKey("\"value\":")
      return out.appendBase64(value.start, count: value.end - value.start)
    }
    let message = schema.messageLayouts + Int(place)
    switch message.pointee.wellKnown {
    case nil, .empty:
      try fields(message, value)
    default:
      appendKey("\"value\":")
      try wellKnownValue(message, value)
    }
  }
}
