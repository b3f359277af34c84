public import OpenAPI
import ProtobufSchema
import Transcoding

extension ServiceDescription {
  /// The routes as an OpenAPI document; with the comments of the `.proto` files when those were kept.
  public func openAPI(
    info: OpenAPIInfo = OpenAPIInfo(), options: OpenAPIOptions = OpenAPIOptions()
  ) throws(GatewayFailure) -> OpenAPIDocument {
    do {
      return try OpenAPIDocument(
        schema: schema, declarations: bindings.bindings.map(\.declaration), info: info, options: options)
    } catch {
      throw GatewayFailure(lines: error.errors.map(\.description))
    }
  }
}
