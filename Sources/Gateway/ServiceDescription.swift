import ErrorBody
import GRPCUpstream
import HTTPFrontEnd
import OpenAPI
public import ProtobufSchema
public import Transcoding

/// What is to be served: a schema and the HTTP rules of its methods, checked and frozen.
public struct ServiceDescription: Sendable {
  public let schema: Schema
  public let bindings: BindingSet
  /// How values are read and written.
  public let options: TranscodingOptions

  /// Every route, as `gateway routes` lists it.
  public var routes: [RouteDescription] { bindings.routes }
  /// What is legal and probably not meant, a line each.
  public var warnings: [String] { bindings.warnings.map(\.description) }

  /// A descriptor set or a rule file with the name that errors call it by.
  public struct Source<Content: Sendable>: Sendable {
    public var name: String
    public var content: Content

    public init(name: String, content: Content) {
      self.name = name
      self.content = content
    }
  }

  /// Checks everything and reports all faults at once.
  public init(
    descriptors: [Source<[UInt8]>], rules: [Source<String>], options: TranscodingOptions = TranscodingOptions(),
    keepsComments: Bool = false
  ) throws(GatewayFailure) {
    try self.init(
      SchemaSources(descriptorSets: descriptors, rules: rules), options: options, keepsComments: keepsComments)
  }

  /// Checks everything and reports all faults at once: those of the sources that could not be read too, and of the
  /// rules whose methods lie in sound files, whatever is wrong with the others.
  public init(
    _ sources: SchemaSources, options: TranscodingOptions = TranscodingOptions(), keepsComments: Bool = false
  ) throws(GatewayFailure) {
    var faults = sources.faults
    var configurations: [ServiceConfiguration] = []
    for source in sources.rules {
      let reading = ServiceConfiguration.reading(yaml: source.content, file: source.name)
      configurations.append(reading.configuration)
      faults += reading.errors.map(\.description)
    }
    var builder = SchemaBuilder(options: SchemaOptions(keepsComments: keepsComments))
    for source in sources.descriptorSets { builder.add(descriptorSet: source.content, origin: source.name) }
    for source in sources.files { builder.add(fileDescriptor: source.content, origin: source.name) }
    let built = builder.buildWhatIsSound()
    faults += built.errors.map(\.description)
    guard let schema = built.schema else { throw GatewayFailure(lines: faults) }
    do throws(HTTPRuleErrors) {
      let bindings = try BindingSet(
        schema: schema, configurations: configurations, options: options,
        isWhole: built.errors.isEmpty && sources.isWhole)
      guard faults.isEmpty else { throw HTTPRuleErrors(errors: []) }
      self.schema = schema
      self.bindings = bindings
      self.options = options
    } catch {
      throw GatewayFailure(lines: faults + error.errors.map(\.description))
    }
  }

  /// The endpoints that every gateway has, with those that are given.
  func builtInEndpoints(_ others: [LocalEndpoint], style: AnswerStyle) throws(GatewayFailure) -> LocalEndpointTable {
    let document = try openAPI(style: style)
    return LocalEndpointTable(
      [BuiltInEndpoints.health, BuiltInEndpoints.readiness] + BuiltInEndpoints.openAPI(document) + others)
  }

  /// What callers are served, with the gateway's own endpoints beside it.
  ///
  /// Throws a line for each rule that has an endpoint's path.
  func servedRoutes(
    endpoints: LocalEndpointTable, style: AnswerStyle, retries: RetryPolicies, routing: UpstreamRouting
  ) throws(GatewayFailure) -> ServedRoutes {
    let clashes = endpoints.clashes(with: bindings)
    guard clashes.isEmpty else {
      throw GatewayFailure(lines: clashes.map { "\($0) (--no-built-in-endpoints leaves the gateway's out)" })
    }
    return ServedRoutes(
      bindings: bindings, renderer: renderer(style), endpoints: endpoints, style: style, retries: retries
    ) {
      // Routes that lead nowhere were refused.
      routing.index(of: $0) ?? 0
    }
  }

  func renderer(_ style: AnswerStyle) -> ErrorRenderer {
    let shape: ErrorFormat.Shape = style.bareStatusErrors ? .status : .error
    let format = ErrorFormat(shape: shape, streamShape: style.streamEnvelope ? .status : shape)
    return ErrorRenderer(schema: schema, format: format, decoding: options.decoding)
  }
}
