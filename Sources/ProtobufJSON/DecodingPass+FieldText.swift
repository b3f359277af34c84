internal import ProtobufSchema

/// Fields as lines of text; see `FieldTextPrinter`.
extension DecodingPass {
  mutating func runText(_ wire: UnsafeRawBufferPointer, as message: UnsafePointer<MessageLayout>?) -> Fault? {
    guard wire.count < 1 << 32 else { return .messageTooLong }
    if let start = wire.baseAddress { input = start.assumingMemoryBound(to: UInt8.self) }
    do throws(Fault) {
      try textFields(message, input, input + wire.count)
      return nil
    } catch {
      return error
    }
  }

  private mutating func textFields(
    _ message: UnsafePointer<MessageLayout>?, _ start: Cursor, _ end: Cursor
  ) throws(Fault) {
    try enter(start)
    var cursor = start
    while cursor < end {
      if out.count > endOfOutput { throw fail(.outputTooLong, at: cursor) }
      let tag = try readTag(&cursor, end)
      if let field = message?.pointee.field(number: tag &>> 3), Self.fits(field, tag) {
        cursor = try namedField(field, tag, cursor, end)
      } else {
        cursor = try numberedField(tag, cursor, end)
      }
    }
    leave()
  }

  private static func fits(_ field: UnsafePointer<FieldLayout>, _ tag: UInt32) -> Bool {
    let kind = field.pointee.kind
    return tag & 7 == UInt32(kind.wireType.rawValue) || (tag & 7 == 2 && field.pointee.isRepeated && kind.isPackable)
  }

  // MARK: With a schema

  private mutating func namedField(
    _ field: UnsafePointer<FieldLayout>, _ tag: UInt32, _ start: Cursor, _ end: Cursor
  ) throws(Fault) -> Cursor {
    var cursor = start
    beginLine()
    // The key is kept as `"name":`.
    out.append(
      contentsOf: UnsafeRawBufferPointer(start: field.pointee.protoKey + 1, count: Int(field.pointee.protoKeyCount) - 3)
    )
    switch field.pointee.kind {
    case .string, .bytes:
      let contentEnd = try readLength(&cursor, end)
      out.append(contentsOf: ": " as StaticString)
      appendText(cursor, contentEnd)
      endLine()
      return contentEnd
    case .message, .group:
      let content = try readMessage(field, tag: tag, &cursor, end)
      try namedMessage(field, content)
      return cursor
    default:
      out.append(contentsOf: ": " as StaticString)
      if tag & 7 == 2 {
        let contentEnd = try readLength(&cursor, end)
        try packedText(field, cursor, contentEnd)
        cursor = contentEnd
      } else {
        let bits = try readScalar(field.pointee.kind, tag: tag, &cursor, end)
        appendTextScalar(field, bits)
      }
      endLine()
      return cursor
    }
  }

  private mutating func namedMessage(_ field: UnsafePointer<FieldLayout>, _ wire: WireSegments) throws(Fault) {
    guard let message = field.pointee.message else { return endLine() }
    if message.pointee.wellKnownCode != 0 {
      // A Timestamp and its like have a form that says more than their fields.
      let mark = out.count
      let depthMark = depth
      let levelMark = level
      out.append(contentsOf: ": " as StaticString)
      do throws(Fault) {
        try messageValue(message, wire)
        return endLine()
      } catch {
        out.truncate(to: mark)
        depth = depthMark
        level = levelMark
      }
    }
    try textBlock(message, wire.start, wire.end)
  }

  private mutating func textBlock(
    _ message: UnsafePointer<MessageLayout>?, _ start: Cursor, _ end: Cursor
  ) throws(Fault) {
    out.append(contentsOf: " {\n" as StaticString)
    level &+= 1
    try textFields(message, start, end)
    level &-= 1
    beginLine()
    out.append(contentsOf: "}\n" as StaticString)
  }

  private mutating func packedText(
    _ field: UnsafePointer<FieldLayout>, _ start: Cursor, _ end: Cursor
  ) throws(Fault) {
    let tag = UInt32(field.pointee.kind.wireType.rawValue)
    var cursor = start
    out.append(UInt8(ascii: "["))
    while cursor < end {
      if cursor > start { out.append(contentsOf: ", " as StaticString) }
      let bits = try readScalar(field.pointee.kind, tag: tag, &cursor, end)
      appendTextScalar(field, bits)
      if out.count > endOfOutput { throw fail(.outputTooLong, at: cursor) }
    }
    out.append(UInt8(ascii: "]"))
  }

  private mutating func appendTextScalar(_ field: UnsafePointer<FieldLayout>, _ bits: UInt64) {
    switch field.pointee.kind {
    case .int64, .sfixed64: out.appendDecimal(Int64(bitPattern: bits))
    case .uint64, .fixed64: out.appendDecimal(bits)
    case .sint64: out.appendDecimal(Self.unzigzag(bits))
    case .enumeration:
      let number = Int32(truncatingIfNeeded: bits)
      guard let value = field.pointee.enumeration?.pointee.value(number: number) else {
        return out.appendDecimal(Int64(number))
      }
      // Kept as `"NAME"`.
      out.append(
        contentsOf: UnsafeRawBufferPointer(start: value.pointee.quoted + 1, count: Int(value.pointee.quotedCount) - 2))
    default: appendScalar(field.pointee.kind, bits, nil)
    }
  }

  // MARK: Without one

  private mutating func numberedField(_ tag: UInt32, _ start: Cursor, _ end: Cursor) throws(Fault) -> Cursor {
    var cursor = start
    switch tag & 7 {
    case 0:
      let bits = try readVarint(&cursor, end)
      beginNumber(tag)
      out.append(contentsOf: ": " as StaticString)
      out.appendDecimal(bits)
      if bits >> 63 == 1 {
        out.append(contentsOf: " (" as StaticString)
        out.appendDecimal(Int64(bitPattern: bits))
        out.append(UInt8(ascii: ")"))
      }
      endLine()
    case 1:
      let bits = try readScalar(.fixed64, tag: tag, &cursor, end)
      beginNumber(tag)
      appendFixed(bits, digits: 16, " (fixed64, as double ")
      appendScalar(.double, bits, nil)
      out.append(contentsOf: ")\n" as StaticString)
    case 5:
      let bits = try readScalar(.fixed32, tag: tag, &cursor, end)
      beginNumber(tag)
      appendFixed(bits, digits: 8, " (fixed32, as float ")
      appendScalar(.float, bits, nil)
      out.append(contentsOf: ")\n" as StaticString)
    case 2:
      let contentEnd = try readLength(&cursor, end)
      try numberedBytes(tag, cursor, contentEnd)
      return contentEnd
    case 3:
      let group = try endOfGroup(number: tag &>> 3, cursor, end, level: depth &+ 1)
      beginNumber(tag)
      out.append(contentsOf: " (group)" as StaticString)
      try textBlock(nil, cursor, group.content)
      return group.after
    default:
      throw wrongType(tag, cursor)
    }
    return cursor
  }

  private mutating func numberedBytes(_ tag: UInt32, _ start: Cursor, _ end: Cursor) throws(Fault) {
    let content = UnsafeBufferPointer(start: start, count: end - start)
    let isText = Self.isText(content)
    let isMessage = isMessage(start, end)
    let isPlainText = isText && content.allSatisfy { $0 >= 0x20 }
    if isPlainText || !isMessage {
      beginNumber(tag)
      out.append(contentsOf: ": " as StaticString)
      appendText(start, end)
      endLine()
    }
    guard isMessage else { return }
    beginNumber(tag)
    if isPlainText { out.append(contentsOf: " as a message" as StaticString) }
    try textBlock(nil, start, end)
    if isText, !isPlainText {
      beginNumber(tag)
      out.append(contentsOf: " as text: " as StaticString)
      appendText(start, end)
      endLine()
    }
  }

  /// UTF-8 with no control characters but white space.
  private static func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let isControlled = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
    return isControlled && String(validating: bytes, as: UTF8.self) != nil
  }

  /// Levels below which bytes are not taken for a message any more: a guess within guesses says nothing, and each level
  /// reads its bytes again.
  private static var maximumGuessedDepth: Int { 16 }

  private mutating func isMessage(_ start: Cursor, _ end: Cursor) -> Bool {
    guard start < end, depth < Self.maximumGuessedDepth else { return false }
    do throws(Fault) {
      var cursor = start
      while cursor < end {
        let tag = try readTag(&cursor, end)
        cursor = try skip(tag, cursor, end)
      }
      return true
    } catch {
      return false
    }
  }

  // MARK: Pieces

  private mutating func beginLine() {
    for _ in 0..<level { out.append(contentsOf: "  " as StaticString) }
  }

  private mutating func endLine() { out.append(UInt8(ascii: "\n")) }

  private mutating func beginNumber(_ tag: UInt32) {
    beginLine()
    out.append(UInt8(ascii: "#"))
    out.appendDecimal(UInt64(tag &>> 3))
  }

  private mutating func appendFixed(_ bits: UInt64, digits: Int, _ type: StaticString) {
    out.append(contentsOf: ": 0x" as StaticString)
    appendHex(bits, digits: digits)
    out.append(contentsOf: type)
  }

  private mutating func appendHex(_ bits: UInt64, digits: Int) {
    for place in stride(from: digits - 1, through: 0, by: -1) {
      let nibble = UInt8(truncatingIfNeeded: bits &>> UInt64(4 * place)) & 15
      out.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
    }
  }

  /// A quoted string where the bytes are UTF-8, hexadecimal otherwise.
  private mutating func appendText(_ start: Cursor, _ end: Cursor) {
    let mark = out.count
    if out.appendString(start, count: end - start) == nil { return }
    out.truncate(to: mark)
    out.append(contentsOf: "0x" as StaticString)
    for offset in 0..<(end - start) { appendHex(UInt64(start[offset]), digits: 2) }
    out.append(contentsOf: " (" as StaticString)
    out.appendDecimal(UInt64(end - start))
    out.append(contentsOf: " bytes)" as StaticString)
  }
}
