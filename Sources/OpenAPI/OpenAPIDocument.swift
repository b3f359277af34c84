internal import JSONTree
public import ProtobufSchema

/// Describes the routes of a gateway as an OpenAPI 3.1 document.
///
/// Routes come in the order of the schema's services and methods, the bindings of one method in the order of their
/// declarations, components by name: the same schema and rules always give the same bytes.
///
/// What OpenAPI has no word for stands in extensions: `x-grpc` (method and mode), `x-stream` (what one item of a
/// streamed body is), `x-websocket`, and `x-google-…` where a `google.api.http` rule says more than a path can.
///
/// Sources: OpenAPI 3.1.1 (spec.openapis.org/oas/v3.1.1.html), ProtoJSON (protobuf.dev/programming-guides/json),
/// `google/api/http.proto`; paths are written as gnostic's protoc-gen-openapi writes them.
public struct OpenAPIDocument: Sendable {
  let schema: Schema
  let routes: [OpenAPIRoute]
  let info: OpenAPIInfo
  let options: OpenAPIOptions

  /// - Parameter declarations: every rule that is served. An automatic route is described only when its method has no
  ///   other.
  /// - Throws: every rule that names no method or field of the schema, or has no readable template.
  public init(
    schema: Schema, declarations: [HTTPRuleDeclaration], info: OpenAPIInfo = OpenAPIInfo(),
    options: OpenAPIOptions = OpenAPIOptions()
  ) throws(HTTPRuleErrors) {
    self.schema = schema
    self.info = info
    self.options = options
    routes = try OpenAPIRoute.resolve(declarations, in: schema)
  }

  /// The document as JSON text with a line feed at its end.
  ///
  /// - Parameter indent: over several lines, two spaces a level; else on one line.
  public func json(indent: Bool = true) -> [UInt8] { tree().serialized(pretty: indent) + [UInt8(ascii: "\n")] }

  /// The document as YAML 1.2, in the same order as the JSON.
  public func yaml() -> [UInt8] {
    var emitter = YAMLEmitter()
    emitter.emit(tree())
    return emitter.output
  }

  func tree() -> JSONTree {
    var components = SchemaComponents(schema: schema, options: options)
    let tags = OpenAPITags(routes)
    let paths = OpenAPIPaths(routes, tags: tags).tree(components: &components)

    var document = JSONTree.object()
    document.set("openapi", to: "3.1.0")
    document.set("info", to: info.tree(for: routes, options: options))
    document.set("servers", to: info.serverTree())
    document.set("tags", to: tags.tree())
    document.set("paths", to: paths)
    document.set("components", to: components.tree())
    return document
  }
}
