import ErrorBody
import HTTPFrontEnd
public import ProtobufSchema
public import Transcoding

/// What is to be served: a schema and the HTTP rules of its methods, checked and frozen.
public struct ServiceDescription: Sendable {
  public let schema: Schema
  public let bindings: BindingSet

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
    var faults: [String] = []
    var configurations: [ServiceConfiguration] = []
    for source in rules {
      do {
        configurations.append(try ServiceConfiguration(yaml: source.content, file: source.name))
      } catch {
        faults += error.errors.map(\.description)
      }
    }
    var builder = SchemaBuilder(options: SchemaOptions(keepsComments: keepsComments))
    for source in descriptors { builder.add(descriptorSet: source.content, origin: source.name) }
    do {
      schema = try builder.build()
    } catch {
      throw GatewayFailure(lines: faults + error.errors.map(\.description))
    }
    do {
      bindings = try BindingSet(schema: schema, configurations: configurations, options: options)
    } catch {
      throw GatewayFailure(lines: faults + error.errors.map(\.description))
    }
    guard faults.isEmpty else { throw GatewayFailure(lines: faults) }
  }

  /// Reads the files that are named.
  public static func load(
    descriptors: [String], rules: [String], autoMapping: Bool, keepsComments: Bool = false
  ) throws(GatewayFailure) -> ServiceDescription {
    var faults: [String] = []
    var sets: [Source<[UInt8]>] = []
    var texts: [Source<String>] = []
    for path in descriptors {
      do { sets.append(Source(name: path, content: try FileContents.read(path))) } catch { faults += error.lines }
    }
    for path in rules {
      do { texts.append(Source(name: path, content: try FileContents.readText(path))) } catch { faults += error.lines }
    }
    guard faults.isEmpty else { throw GatewayFailure(lines: faults) }
    return try ServiceDescription(
      descriptors: sets, rules: texts, options: TranscodingOptions(mapsEveryMethod: autoMapping),
      keepsComments: keepsComments)
  }

  /// What is served, with the gateway's own endpoints or without them.
  ///
  /// Throws a line for each rule that has an endpoint's path.
  func servedRoutes(builtInEndpoints: Bool) throws(GatewayFailure) -> ServedRoutes {
    var endpoints = LocalEndpointTable()
    if builtInEndpoints {
      endpoints = LocalEndpointTable(
        [BuiltInEndpoints.health, BuiltInEndpoints.readiness] + BuiltInEndpoints.openAPI(try openAPI()))
    }
    let clashes = endpoints.clashes(with: bindings)
    guard clashes.isEmpty else {
      throw GatewayFailure(lines: clashes.map { "\($0) (--no-built-in-endpoints leaves the gateway's out)" })
    }
    return ServedRoutes(bindings: bindings, renderer: ErrorRenderer(schema: schema), endpoints: endpoints)
  }
}
