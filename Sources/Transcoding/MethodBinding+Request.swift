public import HTTPRule
public import ProtobufJSON

extension MethodBinding {
  /// Appends what the path and the query of a request set, as wire bytes of the request message.
  ///
  /// A nested field becomes a further occurrence of the message around it; parsers of protobuf merge them, so the
  /// body's bytes can simply follow. `output` is left as it was when this throws.
  ///
  /// - Parameters:
  ///   - path: the raw path that was matched.
  ///   - variables: what the match captured of it.
  ///   - query: the raw query without its `?`, empty if there is none.
  public func bindRequest(
    path: RawSpan, variables: [CapturedVariable], query: RawSpan, into output: inout OutputBuffer
  ) throws(RequestFault) -> RequestBinding {
    let start = output.count
    do {
      let result = try bindVariables(path, variables, into: &output)
      guard !query.isEmpty else { return result }
      var binder = QueryBinder(self, result: result)
      try binder.bind(query, into: &output)
      return binder.result
    } catch {
      output.truncate(to: start)
      throw error
    }
  }

  private func bindVariables(
    _ path: RawSpan, _ captured: [CapturedVariable], into output: inout OutputBuffer
  ) throws(RequestFault) -> RequestBinding {
    var result = RequestBinding()
    for (variable, value) in zip(variables, captured) {
      if value.needsDecoding(in: path) {
        let decoded = value.decoded(in: path)
        try write(decoded.span.bytes, to: variable, into: &output)
      } else {
        let range = value.range.clamped(to: 0..<path.byteCount)
        try write(path.extracting(range), to: variable, into: &output)
      }
      result.setsFields = true
    }
    return result
  }

  private func write(
    _ text: RawSpan, to variable: FieldPath, into output: inout OutputBuffer
  ) throws(RequestFault) {
    do {
      try encoder.encodeText(text, path: variable.fields, mapKey: nil, into: &output)
    } catch {
      throw RequestFault(error, source: "path variable", name: variable.description)
    }
  }
}
