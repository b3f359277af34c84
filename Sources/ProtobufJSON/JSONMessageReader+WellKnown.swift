internal import ProtobufSchema

/// Message types with a JSON form of their own. Their fields are where `WellKnownType` says: the schema checked it.
extension JSONMessageReader {
  mutating func wellKnown(_ layout: UnsafePointer<MessageLayout>, node: Int32) throws(Halt) {
    let fields = layout.pointee.fields
    // Nothing of such a value can be left to the body when the path has set a part of it.
    if node >= 0, layout.pointee.wellKnown != .empty { throw alreadyBound(fields, at: p) }
    switch layout.pointee.wellKnown {
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .uint32Value, .uint64Value,
      .stringValue:
      try singular(fields, node: -1)
    case .timestamp, .duration, .fieldMask:
      guard next == UInt8(ascii: "\"") else { throw wrongType(of: layout) }
      let at = p
      let text = try content()
      try wellKnown(text: text, layout, at: at)
    case .structure:
      guard next == UInt8(ascii: "{"), fields.pointee.isMap else { throw wrongType(of: layout) }
      try map(fields, allowsDuplicates: true)
    case .listValue:
      guard next == UInt8(ascii: "[") else { throw wrongType(of: layout) }
      try repeated(fields)
    case .value: try anyJSON(fields)
    case .any: try any(layout)
    case .empty, nil: try object(layout, node: node, form: .ordinary)
    }
  }

  /// The types whose JSON is a string.
  mutating func wellKnown(
    text: Content, _ layout: UnsafePointer<MessageLayout>, at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    let fields = layout.pointee.fields
    switch layout.pointee.wellKnown {
    case .timestamp:
      try write(TimeText.timestamp(text.start, text.end), fields, layout, at: place)
    case .duration:
      try write(TimeText.duration(text.start, text.end), fields, layout, at: place)
    case .fieldMask:
      try fieldMask(text, fields, layout, at: place)
    default: throw wrongType(of: layout)
    }
  }

  private mutating func write(
    _ outcome: TimeText.Outcome, _ fields: UnsafePointer<FieldLayout>, _ layout: UnsafePointer<MessageLayout>,
    at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    switch outcome {
    case .value(let time):
      write(varint: UInt64(bitPattern: time.seconds), fields, .unlessDefault)
      write(varint: UInt64(bitPattern: Int64(time.nanos)), fields + 1, .unlessDefault)
    case .malformed: throw fail(.invalidValue, at: place, expected: FaultText.expectation(of: view(layout)))
    case .outOfRange: throw fail(.outOfRange, at: place, expected: FaultText.expectation(of: view(layout)))
    }
  }

  /// Paths in lowerCamelCase, joined by commas; on the wire they have proto names (ProtoJSON, "FieldMask"). Capitals
  /// become an underscore and a small letter, so an underscore in the text has nothing that it could stand for.
  private mutating func fieldMask(
    _ text: Content, _ fields: UnsafePointer<FieldLayout>, _ layout: UnsafePointer<MessageLayout>,
    at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    if text.count == 0 { return }
    var q = text.start
    while true {
      room(16)
      tag(fields)
      let slot = beginLength()
      while q < text.end, q.pointee != UInt8(ascii: ",") {
        let byte = q.pointee
        room(2)
        switch byte {
        case 0x41...0x5A:
          o[0] = UInt8(ascii: "_")
          o[1] = byte | 0x20
          o += 2
        case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "."):
          o.pointee = byte
          o += 1
        default: throw fail(.invalidValue, at: place, expected: FaultText.expectation(of: view(layout)))
        }
        q += 1
      }
      if position == slot.position + 1 {
        throw fail(.invalidValue, at: place, expected: FaultText.expectation(of: view(layout)))
      }
      endLength(slot)
      if q == text.end { return }
      q += 1
    }
  }

  /// `google.protobuf.Value`: whatever JSON stands here, by its own type. Numbers must be finite doubles.
  private mutating func anyJSON(_ fields: UnsafePointer<FieldLayout>) throws(Halt) {
    switch next {
    case UInt8(ascii: "n"):
      try literal("null")
      write(varint: 0, fields, .tagged)
    case UInt8(ascii: "\""): try string(fields + 2, skipsEmpty: false)
    case UInt8(ascii: "t"), UInt8(ascii: "f"): try scalar(fields + 3, form: .tagged)
    case UInt8(ascii: "{"): try nested(fields + 4, node: -1)
    case UInt8(ascii: "["): try nested(fields + 5, node: -1)
    default: try scalar(fields + 1, form: .tagged)
    }
  }
}
