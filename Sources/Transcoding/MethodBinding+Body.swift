public import ProtobufJSON
internal import ProtobufSchema

extension MethodBinding {
  /// Appends one JSON text of the body as wire bytes of the request message.
  ///
  /// An empty text stands for an absent body and adds nothing. What the path and the query bind goes into the first
  /// message of a stream, so that is the one which may not set it too; the others may say what they like. `output` is
  /// left as it was when this throws.
  ///
  /// - Parameters:
  ///   - binding: what `bindRequest` returned.
  ///   - itemIndex: the place, from 0, of the text in a stream of them, for the words of faults.
  public func encodeBody(
    _ json: RawSpan, after binding: RequestBinding = RequestBinding(), itemIndex: Int? = nil,
    into output: inout OutputBuffer
  ) throws(RequestFault) {
    guard !json.isEmpty else { return }
    let start = output.count
    let bound = itemIndex ?? 0 == 0 ? boundByPath : nil
    do throws(JSONFault) {
      switch body {
      case .none: break
      case .whole: try encoder.encode(json, as: method.input, bound: bound, into: &output)
      case .field(let field): try encoder.encodeField(json, path: [field], bound: bound, into: &output)
      }
    } catch {
      output.truncate(to: start)
      throw RequestFault(error, itemIndex: itemIndex)
    }
    guard body != .none else {
      throw RequestFault(
        field: "", reason: .unexpectedBody, "\(route) takes no body; its fields are parameters of the query")
    }
    if let mask, !binding.setsMask, case .field(let field) = body, let message = field.message {
      let paths = FieldMaskCollector.paths(in: json, of: message)
      if !paths.isEmpty { Self.append(mask: paths, as: mask, to: &output) }
    }
  }

  /// Appends a FieldMask as a field of the request message.
  private static func append(mask paths: [String], as field: FieldSchema, to output: inout OutputBuffer) {
    var mask: [UInt8] = []
    for path in paths {
      // FieldMask: repeated string paths = 1
      mask.append(0x0A)
      WireBytes.append(varint: UInt64(path.utf8.count), to: &mask)
      mask.append(contentsOf: path.utf8)
    }
    WireBytes.append(mask.span.bytes, as: field, to: &output)
  }
}
