public import OpenAPI
import ProtobufJSON
import ProtobufSchema
import Transcoding

extension ServiceDescription {
  /// The routes as an OpenAPI document; with the comments of the `.proto` files when those were kept.
  public func openAPI(
    info: OpenAPIInfo = OpenAPIInfo()
  ) throws(GatewayFailure) -> OpenAPIDocument {
    let switches = OpenAPIOptions(
      protoFieldNames: options.decoding.protoFieldNames, enumsAsNumbers: options.decoding.enumsAsNumbers,
      ignoresUnknownFields: options.encoding.ignoreUnknownFields,
      ignoresUnknownParameters: options.ignoreUnknownParameters, omitsDefaults: !options.decoding.emitDefaults)
    do {
      return try OpenAPIDocument(
        schema: schema, declarations: bindings.bindings.map(\.declaration), info: info, options: switches)
    } catch {
      throw GatewayFailure(lines: error.errors.map(\.description))
    }
  }
}
