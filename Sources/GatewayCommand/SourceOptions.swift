import ArgumentParser
import Gateway
import Logging
import Transcoding

/// Where the schema and its rules come from; the three sources of a schema can be mixed.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A FileDescriptorSet with its imports, as protoc makes it. Repeatable.", valueName: "file"))
  var descriptors: [String] = []

  @Option(
    help: ArgumentHelp(
      "A .proto file, or a directory of them, compiled by protoc when the gateway starts. Repeatable.",
      valueName: "path"))
  var proto: [String] = []

  @Option(help: ArgumentHelp("Where --proto looks for imports first. Repeatable.", valueName: "dir"))
  var protoPath: [String] = []

  @Flag(help: "Ask the upstream itself, by server reflection (grpc.reflection.v1 or v1alpha).")
  var reflection = false

  @Option(help: ArgumentHelp("A service configuration with http.rules (YAML). Repeatable.", valueName: "file"))
  var rules: [String] = []

  @Flag(help: "Do not serve every method as POST /package.Service/Method too.")
  var noAutoMapping = false

  func validate() throws {
    if !protoPath.isEmpty, proto.isEmpty { throw ValidationError("--proto-path goes with --proto.") }
  }

  var namesSchema: Bool { !descriptors.isEmpty || !proto.isEmpty || reflection }

  /// Reads everything and reports all faults at once.
  func load(
    upstream: GatewayConfiguration?, options: TranscodingOptions, keepsComments: Bool, logger: Logger
  ) async throws -> ServiceDescription {
    var sources = SchemaSources()
    for path in descriptors { sources.read(descriptorSet: path) }
    sources.compile(protos: proto, importPaths: protoPath)
    for path in rules { sources.read(rules: path) }
    if reflection, let upstream { try await sources.reflect(ReflectedSchema(upstream, logger: logger)) }
    var options = options
    options.mapsEveryMethod = !noAutoMapping
    return try ServiceDescription(sources, options: options, keepsComments: keepsComments)
  }
}

/// The same for commands that serve nothing: no source at all stands for the order service.
struct OptionalSourceOptions: ParsableArguments {
  @OptionGroup var sources: SourceOptions

  @Option(help: ArgumentHelp("The gRPC server that --reflection asks.", valueName: "host:port"))
  var upstream: AddressArgument?

  @Flag(help: "Speak TLS to it.")
  var upstreamTls = false

  @Option(help: ArgumentHelp("Authorities whose certificates it may have; else the system's.", valueName: "file"))
  var upstreamCa: String?

  func validate() throws {
    if sources.reflection, upstream == nil { throw ValidationError("--reflection needs --upstream.") }
    if upstreamTls || upstreamCa != nil, upstream == nil { throw ValidationError("--upstream-tls needs --upstream.") }
    if upstreamCa != nil, !upstreamTls { throw ValidationError("--upstream-ca goes with --upstream-tls.") }
    if upstream != nil, !sources.reflection { throw ValidationError("--upstream is for --reflection.") }
    if !sources.namesSchema, !sources.rules.isEmpty {
      throw ValidationError("--rules without --descriptors, --proto or --reflection: rules of what?")
    }
  }

  func load(
    options: TranscodingOptions = TranscodingOptions(), keepsComments: Bool = false
  ) async throws -> ServiceDescription {
    guard sources.namesSchema else {
      var options = options
      options.mapsEveryMethod = !sources.noAutoMapping
      return try ServiceDescription.orders(options: options, keepsComments: keepsComments)
    }
    var configuration = upstream.map { GatewayConfiguration(listen: $0.address, upstream: $0.address) }
    var tls = UpstreamTLSSettings()
    tls.isOn = upstreamTls
    tls.authorities = upstreamCa
    configuration?.secureUpstream(by: tls)
    return try await sources.load(
      upstream: configuration, options: options, keepsComments: keepsComments, logger: Logger.standardError(.warning))
  }
}
