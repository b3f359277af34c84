public import ProtobufSchema

/// Encodes JSON and text as protobuf messages, by schema.
///
/// Every method appends to the buffer, and leaves it as it was when it throws.
public struct MessageEncoder: Sendable {
  public let schema: Schema
  public let options: EncodingOptions

  public init(schema: Schema, options: EncodingOptions = EncodingOptions()) {
    self.schema = schema
    self.options = options
  }

  /// Appends the message that the JSON text stands for.
  ///
  /// - Parameter bound: fields that are set already and that the JSON may not set.
  public func encode(
    _ json: RawSpan, as message: MessageSchema, bound: BoundFields? = nil, into buffer: inout OutputBuffer
  ) throws(JSONFault) {
    try read(json, bound: bound, into: &buffer) { (reader: inout JSONMessageReader) throws(Halt) in
      reader.skipWhitespace()
      try reader.message(message.layout, node: bound == nil ? -1 : 0)
      try reader.finish()
    }
  }

  /// Appends one field, tag and all, whose value is the JSON text (`body: "field"`). `null` appends nothing.
  ///
  /// - Parameter path: the message fields that lead to the field, and the field. Each is a singular field of the
  ///   message before it; the wrapping messages are written as further occurrences.
  public func encodeField(
    _ json: RawSpan, path: [FieldSchema], bound: BoundFields? = nil, into buffer: inout OutputBuffer
  ) throws(JSONFault) {
    try read(json, bound: bound, into: &buffer) { (reader: inout JSONMessageReader) throws(Halt) in
      reader.skipWhitespace()
      var slots: [LengthSlot] = []
      var node: Int32 = bound == nil ? -1 : 0
      for field in path.dropLast() {
        if node >= 0, let bound { node = Self.child(bound.binding(of: field.layout, at: node)) }
        slots.append(reader.begin(field.layout))
      }
      if let field = path.last { try reader.field(field.layout, node: node) }
      for (field, slot) in zip(path.dropLast(), slots).reversed() { reader.end(field.layout, slot) }
      try reader.finish()
    }
  }

  /// Appends one field, tag and all, whose value is a text from a path or a query.
  ///
  /// Takes what ProtoJSON takes in strings, booleans as `true` and `false`, enums by name or number. A repeated field
  /// gets one element.
  ///
  /// - Parameters:
  ///   - path: as for `encodeField`; the last field may also be repeated, or a map when `mapKey` is given.
  ///   - mapKey: the key of the map entry that the text is the value of.
  public func encodeText(
    _ text: RawSpan, path: [FieldSchema], mapKey: [UInt8]? = nil, into buffer: inout OutputBuffer
  ) throws(TextFault) {
    guard let field = path.last else { return }
    let before = buffer.count
    var fault: FaultDetail?
    text.withUnsafeBytes { text in
      fault = encode(text, field, path, mapKey, into: &buffer)
    }
    guard let fault else { return }
    buffer.truncate(to: before)
    throw TextFault(
      code: fault.code, fieldPath: Self.name(of: path, mapKey: mapKey), found: fault.found, expected: fault.expected,
      suggestion: fault.suggestion)
  }

  private func encode(
    _ text: UnsafeRawBufferPointer, _ field: FieldSchema, _ path: [FieldSchema], _ mapKey: [UInt8]?,
    into buffer: inout OutputBuffer
  ) -> FaultDetail? {
    var slots: [LengthSlot] = []
    return withReader(text, bound: nil, into: &buffer) { (reader: inout JSONMessageReader) throws(Halt) in
      reader.isPlainText = true
      for field in path.dropLast() { slots.append(reader.begin(field.layout)) }
      let content = JSONMessageReader.Content(start: reader.start, count: reader.end - reader.start)
      if field.isMap {
        try reader.mapEntry(field.layout, key: mapKey ?? [], value: content)
      } else {
        let form: ValueForm = field.layout.pointee.isPacked ? .packed : .tagged
        try reader.element(text: content, field.layout, form)
      }
      for (field, slot) in zip(path.dropLast(), slots).reversed() { reader.end(field.layout, slot) }
    }
  }

  private static func child(_ binding: BoundFields.Binding) -> Int32 {
    if case .inside(let node) = binding { return node }
    return -1
  }

  /// The field by its JSON names.
  private static func name(of path: [FieldSchema], mapKey: [UInt8]?) -> String {
    let names = path.map(\.jsonName).joined(separator: ".")
    guard let mapKey else { return names }
    return "\(names)[\"\(String(decoding: mapKey.prefix(40), as: UTF8.self))\"]"
  }
}

extension MessageEncoder {
  private func read(
    _ json: RawSpan, bound: BoundFields?, into buffer: inout OutputBuffer,
    _ body: (inout JSONMessageReader) throws(Halt) -> Void
  ) throws(JSONFault) {
    let before = buffer.count
    var fault: JSONFault?
    json.withUnsafeBytes { text in
      guard let detail = withReader(text, bound: bound, into: &buffer, body) else { return }
      fault = Self.fault(detail, in: text)
    }
    guard let fault else { return }
    buffer.truncate(to: before)
    throw fault
  }

  /// Runs the reader over the text; answers the fault that ended it.
  private func withReader(
    _ text: UnsafeRawBufferPointer, bound: BoundFields?, into buffer: inout OutputBuffer,
    _ body: (inout JSONMessageReader) throws(Halt) -> Void
  ) -> FaultDetail? {
    withUnsafeMutablePointer(to: &buffer) { buffer in
      // An empty text has no address of its own; nothing is read through this one.
      var nothing: UInt8 = 0
      return withUnsafePointer(to: &nothing) { nothing in
        let bytes = text.assumingMemoryBound(to: UInt8.self)
        var reader = JSONMessageReader(
          text: bytes, base: bytes.baseAddress ?? nothing, buffer: buffer, schema: schema, bound: bound,
          options: options)
        do throws(Halt) {
          try body(&reader)
          reader.commit()
          return nil
        } catch {
          return reader.detail
        }
      }
    }
  }

  private static func fault(_ detail: FaultDetail, in text: UnsafeRawBufferPointer) -> JSONFault {
    var place = (line: 1, column: 1, path: "")
    if let start = text.assumingMemoryBound(to: UInt8.self).baseAddress {
      let locator = FaultLocator(start, offset: min(detail.offset, text.count))
      place = (line: locator.line, column: locator.column, path: locator.path)
    }
    var path = place.path + detail.pathSuffix
    if path.first == "." { path.removeFirst() }
    return JSONFault(
      code: detail.code, offset: detail.offset, line: place.line, column: place.column, fieldPath: path,
      found: detail.found, expected: detail.expected, suggestion: detail.suggestion)
  }
}
