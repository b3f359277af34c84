public import HTTPFrontEnd
public import OpenAPI
import ProtobufJSON
import ProtobufSchema
import Transcoding

extension ServiceDescription {
  /// The routes as an OpenAPI document; with the comments of the `.proto` files when those were kept.
  public func openAPI(
    info: OpenAPIInfo = OpenAPIInfo(), style: AnswerStyle = AnswerStyle()
  ) throws(GatewayFailure) -> OpenAPIDocument {
    var switches = OpenAPIOptions(
      protoFieldNames: options.decoding.protoFieldNames, enumsAsNumbers: options.decoding.enumsAsNumbers,
      ignoresUnknownFields: options.encoding.ignoreUnknownFields,
      ignoresUnknownParameters: options.ignoreUnknownParameters, omitsDefaults: !options.decoding.emitDefaults,
      servesWebSocket: true)
    switches.apply(style)
    do {
      return try OpenAPIDocument(
        schema: schema, declarations: bindings.bindings.map(\.declaration), info: info, options: switches)
    } catch {
      throw GatewayFailure(lines: error.errors.map(\.description))
    }
  }
}

extension OpenAPIOptions {
  /// What a style of answers changes in the description.
  fileprivate mutating func apply(_ style: AnswerStyle) {
    streamEnvelope = style.streamEnvelope
    bareStatusErrors = style.bareStatusErrors
    streamDefault =
      switch style.streamDefault {
      case .ndjson: nil
      case .array: "application/json"
      case .events: "text/event-stream"
      case .sequence: "application/json-seq"
      }
  }
}
