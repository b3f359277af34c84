internal import GRPCWire
internal import JSONTree
public import ProtobufJSON
public import ProtobufSchema
internal import Transcoding

/// Writes a `GatewayError` as the one JSON document that every failed request is answered with.
///
///     {"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT","details":[
///       {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"INVALID_REQUEST","domain":"grpc-json-gateway"},
///       {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[
///         {"field":"addresses[2].type","description":"…","reason":"…"}]}]}}
///
/// Details of an upstream are decoded by the schema. What the schema does not hold, or what is not what it says it is,
/// is shown as `{"@type":…,"value":"<base64>"}`: nothing is dropped, and no detail can spoil the answer.
public struct ErrorRenderer: Sendable {
  private let format: ErrorFormat
  private let decoder: MessageDecoder
  private let any: MessageSchema?

  public init(schema: Schema, format: ErrorFormat = ErrorFormat(), decoding: DecodingOptions = DecodingOptions()) {
    self.format = format
    var options = decoding
    options.showsUnknownTypes = true
    options.indent = nil
    decoder = MessageDecoder(schema: schema, options: options)
    any = schema.message(named: "google.protobuf.Any")
  }

  /// Appends the error object, on one line unless `pretty`.
  ///
  /// - Parameter inStream: it takes a message's place in a stream.
  public func render(
    _ error: GatewayError, inStream: Bool = false, pretty: Bool = false, into output: inout OutputBuffer
  ) {
    output.append(contentsOf: document(error, inStream: inStream, pretty: pretty).serialized(pretty: pretty).span.bytes)
  }

  private func document(_ error: GatewayError, inStream: Bool, pretty: Bool) -> JSONTree {
    let status = error.rawDetails.flatMap(StatusDetails.init)
    // `grpc-message` is what gRPC shows; some servers send the text in the details alone.
    let message = error.message.isEmpty ? status?.message ?? "" : error.message

    var details = JSONTree.array()
    if let reason = error.reason { details.append(errorInfo(reason)) }
    if !error.violations.isEmpty { details.append(badRequest(error.violations)) }
    for detail in status?.details ?? [] { details.append(render(detail, pretty: pretty)) }

    var body = JSONTree.object()
    switch inStream ? format.streamShape : format.shape {
    case .status:
      body.set("code", to: error.code.rawValue)
      body.set("message", to: message)
      body.set("details", to: details)
      guard inStream else { return body }
    case .error:
      body.set("code", to: error.httpStatus)
      body.set("message", to: message)
      body.set("status", to: error.code.name)
      body.set("details", to: details)
    }
    var document = JSONTree.object()
    document.set("error", to: body)
    return document
  }

  // MARK: Details

  private func errorInfo(_ reason: GatewayError.Reason) -> JSONTree {
    var info = detail("google.rpc.ErrorInfo")
    info.set("reason", to: reason.rawValue)
    info.set("domain", to: format.domain)
    return info
  }

  private func badRequest(_ violations: [FieldViolation]) -> JSONTree {
    var list = JSONTree.array()
    for violation in violations {
      var item = JSONTree.object()
      item.set("field", to: violation.field)
      item.set("description", to: violation.description)
      if let reason = violation.reason { item.set("reason", to: reason) }
      list.append(item)
    }
    var request = detail("google.rpc.BadRequest")
    request.set("fieldViolations", to: list)
    return request
  }

  private func detail(_ type: String) -> JSONTree {
    var detail = JSONTree.object()
    detail.set("@type", to: "type.googleapis.com/\(type)")
    return detail
  }

  private func render(_ detail: StatusDetails.Detail, pretty: Bool) -> JSONTree {
    if let text = decoded(detail) {
      // Text can be laid out anew only as a tree; what a tree cannot hold stays on its line.
      if pretty, let tree = try? JSONTree(parsing: text, maximumDepth: 200) { return tree }
      return .verbatim(text)
    }
    var shown = JSONTree.object()
    shown.set("@type", to: detail.typeURL)
    var value = OutputBuffer()
    value.append(base64: detail.value)
    shown.set("value", to: .verbatim(value.array))
    return shown
  }

  private func decoded(_ detail: StatusDetails.Detail) -> [UInt8]? {
    guard let any, !detail.typeURL.isEmpty else { return nil }
    var output = OutputBuffer()
    do {
      try decoder.decode(detail.wire.span.bytes, as: any, into: &output)
      return output.array
    } catch {
      return nil
    }
  }
}
