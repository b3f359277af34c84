internal import ProtobufSchema

/// Messages whose fields are not in declaration order, come more than once, or come from several ranges.
///
/// One look over all records notes where each one is, as `ordinal << 32 | offset of the tag`. Sorted, these words have
/// the fields in declaration order and the occurrences of each in wire order.
extension DecodingPass {
  mutating func indexedFields(_ message: UnsafePointer<MessageLayout>, _ wire: WireSegments) throws(Fault) {
    let base = scratch.count
    var oneofs = [OneofWinner](repeating: OneofWinner(), count: Int(message.pointee.oneofCount))
    let limit = try index(message, wire, &oneofs)
    scratch.withUnsafeMutableBufferPointer { words in
      var pushed = UnsafeMutableBufferPointer(rebasing: words[base...])
      pushed.sort()
    }

    let end = scratch.count
    var next: Int32 = 0
    var place = base
    while place < end {
      let ordinal = Int32(truncatingIfNeeded: scratch[place] &>> 32)
      let first = place
      while place < end, Int32(truncatingIfNeeded: scratch[place] &>> 32) == ordinal { place += 1 }
      let field = message.pointee.fields + Int(ordinal)
      var occurrences = first..<place
      if field.pointee.oneof >= 0 {
        // Setting another member of the oneof clears what was set before.
        let winner = oneofs[Int(field.pointee.oneof)]
        if winner.ordinal != ordinal { continue }
        while let start = occurrences.first, scratch[start] & 0xFFFF_FFFF < winner.since { occurrences.removeFirst() }
      }
      appendDefaults(message, next, ordinal)
      next = ordinal &+ 1
      try member(field, occurrences, limit)
    }
    appendDefaults(message, next, message.pointee.fieldCount)
    scratch.removeLast(scratch.count - base)
  }

  /// The member of a oneof that is set, and the offset since when no other one was.
  private struct OneofWinner {
    var ordinal: Int32 = -1
    var since: UInt64 = 0
  }

  /// Pushes a word for each record of a known field; answers a bound behind the last range.
  private mutating func index(
    _ message: UnsafePointer<MessageLayout>, _ wire: WireSegments, _ oneofs: inout [OneofWinner]
  ) throws(Fault) -> Cursor {
    var limit = wire.end
    for part in 0..<wire.count {
      let range = segment(part, of: wire)
      limit = max(limit, range.end)
      var cursor = range.start
      while cursor < range.end {
        let tagStart = cursor
        let tag = try readTag(&cursor, range.end)
        let valueStart = cursor
        cursor = try skip(tag, cursor, range.end)
        guard let field = message.pointee.field(number: tag &>> 3) else { continue }
        if field.pointee.kind == .enumeration, !field.pointee.isRepeated, tag & 7 == 0 {
          var value = valueStart
          if isUnknownToClosedEnum(field, try readVarint(&value, range.end)) { continue }
        }
        let offset = offset(tagStart)
        scratch.append(UInt64(UInt32(bitPattern: field.pointee.ordinal)) &<< 32 | offset)
        if field.pointee.oneof >= 0 {
          let oneof = Int(field.pointee.oneof)
          if oneofs[oneof].ordinal != field.pointee.ordinal {
            oneofs[oneof] = OneofWinner(ordinal: field.pointee.ordinal, since: offset)
          }
        }
      }
    }
    return limit
  }

  /// Key and value of a field whose records lie at these places of `scratch`.
  private mutating func member(
    _ field: UnsafePointer<FieldLayout>, _ occurrences: Range<Int>, _ limit: Cursor
  ) throws(Fault) {
    let keyMark = out.count
    if field.pointee.isMap {
      appendKey(field)
      return try mapValue(field, occurrences, limit)
    }
    if field.pointee.isRepeated {
      appendKey(field)
      let mark = out.count
      level &+= 1
      try listElements(field, occurrences, limit)
      return finishList(field, mark, keyMark)
    }
    do throws(Fault) {
      if field.pointee.message != nil {
        appendKey(field)
        try mergedMessage(field, occurrences, limit)
      } else if let last = occurrences.last {
        var cursor = input + Int(truncatingIfNeeded: scratch[last] & 0xFFFF_FFFF)
        let tag = try readTag(&cursor, limit)
        _ = try singularField(field, tag: tag, cursor, limit)
      }
    } catch {
      throw within(field, error)
    }
  }

  private mutating func listElements(
    _ field: UnsafePointer<FieldLayout>, _ occurrences: Range<Int>, _ limit: Cursor
  ) throws(Fault) {
    var index = 0
    for place in occurrences {
      do throws(Fault) {
        var cursor = input + Int(truncatingIfNeeded: scratch[place] & 0xFFFF_FFFF)
        let tag = try readTag(&cursor, limit)
        _ = try listRecord(field, tag: tag, cursor, limit, &index)
      } catch {
        throw within(field, error, index: index)
      }
    }
  }

  private mutating func mergedMessage(
    _ field: UnsafePointer<FieldLayout>, _ occurrences: Range<Int>, _ limit: Cursor
  ) throws(Fault) {
    guard let message = field.pointee.message else { return }
    let base = scratch.count
    let wire = try merged(field, occurrences, limit)
    try messageValue(message, wire)
    scratch.removeLast(scratch.count - base)
  }

  /// The ranges of all occurrences; those after the first are pushed.
  private mutating func merged(
    _ field: UnsafePointer<FieldLayout>, _ occurrences: Range<Int>, _ limit: Cursor
  ) throws(Fault) -> WireSegments {
    var wire = WireSegments(input, input)
    let base = scratch.count
    for place in occurrences {
      var cursor = input + Int(truncatingIfNeeded: scratch[place] & 0xFFFF_FFFF)
      let tag = try readTag(&cursor, limit)
      let content = try readMessage(field, tag: tag, &cursor, limit)
      if place == occurrences.lowerBound {
        wire = content
      } else {
        scratch.append(packed(content.start, content.end))
      }
    }
    wire.more = base..<scratch.count
    return wire
  }

  // MARK: One field alone

  /// Writes the value at the end of a path of fields, without its key.
  mutating func fieldValue(
    _ path: ArraySlice<UnsafePointer<FieldLayout>>, _ message: UnsafePointer<MessageLayout>, _ wire: WireSegments
  ) throws(Fault) {
    guard let field = path.first else { return try messageValue(message, wire) }
    let base = scratch.count
    var oneofs = [OneofWinner](repeating: OneofWinner(), count: Int(message.pointee.oneofCount))
    let limit = try index(message, wire, &oneofs)
    let end = scratch.count
    var occurrences = base..<base
    for place in base..<end where Int32(truncatingIfNeeded: scratch[place] &>> 32) == field.pointee.ordinal {
      let record = scratch[place]
      if field.pointee.oneof >= 0 {
        let winner = oneofs[Int(field.pointee.oneof)]
        if winner.ordinal != field.pointee.ordinal || record & 0xFFFF_FFFF < winner.since { continue }
      }
      scratch[occurrences.upperBound] = record
      occurrences = base..<occurrences.upperBound + 1
    }
    defer { scratch.removeLast(scratch.count - base) }
    if occurrences.isEmpty {
      let isLast = path.count == 1
      if isLast, field.pointee.isRepeated || !field.pointee.hasPresence { return appendDefault(field) }
      return out.append(contentsOf: "null" as StaticString)
    }
    if field.pointee.isMap { return try mapValue(field, occurrences, limit) }
    if field.pointee.isRepeated {
      let mark = out.count
      level &+= 1
      try listElements(field, occurrences, limit)
      closeList(mark)
      level &-= 1
      return
    }
    do throws(Fault) {
      if let message = field.pointee.message {
        return try fieldValue(path.dropFirst(), message, try merged(field, occurrences, limit))
      }
      var cursor = input + Int(truncatingIfNeeded: scratch[occurrences.upperBound - 1] & 0xFFFF_FFFF)
      let tag = try readTag(&cursor, limit)
      try scalarValue(field, tag: tag, cursor, limit)
    } catch {
      throw within(field, error)
    }
  }
}
