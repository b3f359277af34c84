internal import ProtobufSchema

/// The messages that ProtoJSON writes in a form of their own (protobuf.dev, "ProtoJSON Format").
extension DecodingPass {
  mutating func wellKnownValue(
    _ message: UnsafePointer<MessageLayout>, _ wire: WireSegments
  ) throws(Fault) {
    switch message.pointee.wellKnown {
    case .timestamp:
      let (seconds, nanos) = try secondsAndNanos(wire)
      guard out.appendTimestamp(seconds: seconds, nanos: nanos) else {
        throw fail(.timestampOutOfRange, at: wire.start)
      }
    case .duration:
      let (seconds, nanos) = try secondsAndNanos(wire)
      guard out.appendDuration(seconds: seconds, nanos: nanos) else {
        throw fail(.durationOutOfRange, at: wire.start)
      }
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue, .uint32Value,
      .uint64Value:
      try wrappedValue(message, wire)
    case .any: try anyValue(wire)
    case .fieldMask: try fieldMaskValue(wire)
    case .structure: try structValue(message, wire)
    case .listValue: try listValue(message, wire)
    case .value: try dynamicValue(message, wire)
    case .empty, nil: try object(message, wire)
    }
  }

  private mutating func secondsAndNanos(_ wire: WireSegments) throws(Fault) -> (seconds: Int64, nanos: Int32) {
    var seconds: Int64 = 0
    var nanos: Int32 = 0
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      var cursor = range.start
      while cursor < range.end {
        let tag = try readTag(&cursor, range.end)
        switch tag &>> 3 {
        case 1: seconds = Int64(bitPattern: try readScalar(.int64, tag: tag, &cursor, range.end))
        case 2: nanos = Int32(truncatingIfNeeded: try readScalar(.int32, tag: tag, &cursor, range.end))
        default: cursor = try skip(tag, cursor, range.end)
        }
      }
    }
    return (seconds, nanos)
  }

  /// A wrapper is its bare value, and the default when the value is not on the wire.
  private mutating func wrappedValue(
    _ message: UnsafePointer<MessageLayout>, _ wire: WireSegments
  ) throws(Fault) {
    let field = message.pointee.fields
    var lastTag: UInt32 = 0
    var last = wire
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      var cursor = range.start
      while cursor < range.end {
        let tag = try readTag(&cursor, range.end)
        if tag &>> 3 == 1 {
          lastTag = tag
          last = WireSegments(cursor, range.end)
        }
        cursor = try skip(tag, cursor, range.end)
      }
    }
    if lastTag == 0 { return appendDefault(field) }
    try scalarValue(field, tag: lastTag, last.start, last.end)
  }

  /// The value of a field that is no message, without its key.
  mutating func scalarValue(
    _ field: UnsafePointer<FieldLayout>, tag: UInt32, _ start: Cursor, _ end: Cursor
  ) throws(Fault) {
    var cursor = start
    switch field.pointee.kind {
    case .string, .bytes:
      if tag & 7 != 2 { throw wrongType(tag, cursor) }
      let contentEnd = try readLength(&cursor, end)
      if field.pointee.kind == .string { return try appendString(cursor, contentEnd) }
      out.appendBase64(cursor, count: contentEnd - cursor)
    default:
      let bits = try readScalar(field.pointee.kind, tag: tag, &cursor, end)
      appendScalar(field.pointee.kind, bits, field.pointee.enumeration)
    }
  }

  // MARK: FieldMask

  private mutating func fieldMaskValue(_ wire: WireSegments) throws(Fault) {
    out.append(UInt8(ascii: "\""))
    var isFirst = true
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      var cursor = range.start
      while cursor < range.end {
        let tag = try readTag(&cursor, range.end)
        if tag &>> 3 != 1 {
          cursor = try skip(tag, cursor, range.end)
          continue
        }
        if tag & 7 != 2 { throw wrongType(tag, cursor) }
        let end = try readLength(&cursor, range.end)
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        try appendMaskPath(cursor, end)
        cursor = end
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  /// `foo_bar.baz` becomes `fooBar.baz`. Refused is what would not read back as the same path: a capital letter, an
  /// underscore that no small letter follows, and a comma, which separates paths.
  private mutating func appendMaskPath(_ start: Cursor, _ end: Cursor) throws(Fault) {
    var cursor = start
    var plain = start
    while cursor < end {
      switch cursor.pointee {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: ","):
        throw fail(.fieldMaskPath, at: cursor)
      case UInt8(ascii: "_"):
        guard end - cursor >= 2, UInt8(ascii: "a")...UInt8(ascii: "z") ~= cursor[1] else {
          throw fail(.fieldMaskPath, at: cursor)
        }
        try appendStringContent(plain, cursor)
        out.append(cursor[1] &- 0x20)
        cursor += 2
        plain = cursor
      default:
        cursor += 1
      }
    }
    try appendStringContent(plain, end)
  }

  private mutating func appendStringContent(_ start: Cursor, _ end: Cursor) throws(Fault) {
    if let fault = out.appendStringContent(start, count: end - start) { throw fail(.invalidUTF8, at: fault) }
  }
}
