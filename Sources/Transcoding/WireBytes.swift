internal import ProtobufJSON
internal import ProtobufSchema

/// The few wire bytes that are written without a text: a mask that is made up, and the messages around raw bodies.
enum WireBytes {
  static func append(varint value: UInt64, to bytes: inout [UInt8]) {
    var value = value
    while value > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  static func varintLength(_ value: Int) -> Int {
    max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7)
  }

  /// Appends the bytes of a message as one occurrence of a field; a delimited one is closed by its end tag.
  static func append(_ message: RawSpan, as field: FieldSchema, to output: inout OutputBuffer) {
    begin(field, count: message.byteCount, in: &output)
    output.append(contentsOf: message)
    end(field, in: &output)
  }

  static func begin(_ field: FieldSchema, count: Int, in output: inout OutputBuffer) {
    var head = field.tagBytes
    if field.kind != .group { append(varint: UInt64(count), to: &head) }
    output.append(contentsOf: head.span.bytes)
  }

  static func end(_ field: FieldSchema, in output: inout OutputBuffer) {
    guard field.kind == .group else { return }
    // The end tag's wire type, 4, is that of the start, 3, plus one; it sits in the lowest bits of the first byte.
    var tag = field.tagBytes
    if let first = tag.first { tag[0] = first + 1 }
    output.append(contentsOf: tag.span.bytes)
  }
}
