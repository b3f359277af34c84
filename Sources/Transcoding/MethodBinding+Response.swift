public import ProtobufJSON
internal import ProtobufSchema

/// How the JSON of a response is laid out.
public enum ResponseLayout: Sendable, Hashable {
  /// As the gateway is configured.
  case configured
  /// Without line breaks, whatever the configuration: a line of NDJSON.
  case line
  /// Indented, because the caller asked for it.
  case pretty
}

extension MethodBinding {
  /// Appends one message of the response as JSON: the whole of it, or its `response_body`.
  ///
  /// `output` is left as it was when this throws.
  public func decodeResponse(
    _ wire: RawSpan, layout: ResponseLayout = .configured, into output: inout OutputBuffer
  ) throws(WireFault) {
    let decoder =
      switch layout {
      case .configured: decoder
      case .line: lineDecoder
      case .pretty: prettyDecoder
      }
    if let responseBody {
      try decoder.decodeField(wire, path: [responseBody], of: method.output, into: &output)
    } else {
      try decoder.decode(wire, as: method.output, into: &output)
    }
  }
}
