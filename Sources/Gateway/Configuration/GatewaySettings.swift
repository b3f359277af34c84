public import GRPCUpstream
public import HTTPFrontEnd
public import Logging
public import NIOCore
import ProtobufJSON
public import Transcoding

/// Everything a gateway can be told, from whatever source: file, environment, command line.
///
/// `Setting.all` is the one description of it. A field here without a line there cannot be set.
public struct GatewaySettings: Sendable {
  public var listen = SocketAddressText(host: "127.0.0.1", port: 8080)
  public var adminListen: SocketAddressText?
  public var upstream: UpstreamName?
  /// Only the file can say them.
  public var upstreams: [UpstreamDefinition] = []
  /// A file.
  public var serviceConfig: String?
  public var descriptors: [String] = []
  public var rules: [String] = []
  public var proto: [String] = []
  public var protoPath: [String] = []
  public var reflection = false
  public var builtInEndpoints = true
  public var corsOrigins: [String] = []
  public var corsCredentials = false
  public var transcoding = TranscodingOptions()
  public var answerStyle = AnswerStyle()
  public var threads = 1
  public var logLevel = Logger.Level.notice
  public var accessLog = AccessLogChoice.off
  public var tls = TLSSettings()
  public var upstreamTLS = UpstreamTLSSettings()
  public var drainDelay: TimeAmount = .zero
  public var drainGrace: TimeAmount = .seconds(30)
  public var frontEnd = FrontEndConfiguration()
  public var upstreamLimits = UpstreamConfiguration()

  public init() {}

  /// As the switch says it; the options say the opposite.
  var omitDefaults: Bool {
    get { !transcoding.decoding.emitDefaults }
    set { transcoding.decoding.emitDefaults = !newValue }
  }

  /// What a server is made with; `nil` while no upstream is named.
  public var configuration: GatewayConfiguration? {
    upstream == nil && upstreams.isEmpty ? nil : configuration(upstream: upstream)
  }

  public func configuration(upstream: UpstreamName?) -> GatewayConfiguration {
    var configuration = GatewayConfiguration(listen: listen, upstream: upstream)
    configuration.upstreams = upstreams
    configuration.adminListen = adminListen
    configuration.threads = threads
    configuration.drainDelay = drainDelay
    configuration.accessLog = accessLog.format
    configuration.servesBuiltInEndpoints = builtInEndpoints
    configuration.frontEnd = frontEndConfiguration
    configuration.answerStyle = answerStyle
    configuration.security = tls.security
    configuration.upstreamLimits = upstreamLimits
    configuration.upstreamLimits.security = upstreamTLS.security
    return configuration
  }

  /// Reads the service config that is named, if any, and reports all its faults at once.
  public func retryPolicies() throws(GatewayFailure) -> RetryPolicies {
    guard let serviceConfig else { return RetryPolicies() }
    var reader = ServiceConfigReader(file: serviceConfig)
    reader.read(try FileContents.readText(serviceConfig))
    guard reader.faults.isEmpty else { throw GatewayFailure(lines: reader.faults) }
    return reader.policies
  }

  /// `drainGrace` for those who know no event loops.
  public var grace: Duration { .nanoseconds(drainGrace.nanoseconds) }

  /// What is wrong with settings together that are right each by itself, a line each.
  var faults: [String] {
    var faults: [String] = []
    do throws(CORSPolicy.Invalid) { _ = try corsPolicy() } catch { faults.append(error.message) }
    if !protoPath.isEmpty, proto.isEmpty { faults.append("proto_path goes with proto") }
    if let conflict = answerStyle.conflict { faults.append(conflict) }
    faults += tls.faults + upstreamTLS.faults
    return faults
  }

  private func corsPolicy() throws(CORSPolicy.Invalid) -> CORSPolicy? {
    try CORSPolicy(origins: corsOrigins, allowsCredentials: corsCredentials)
  }

  /// The front end's limits and switches.
  public var frontEndConfiguration: FrontEndConfiguration {
    var configuration = frontEnd
    // Judged when the settings were read.
    configuration.cors = (try? corsPolicy()) ?? nil
    return configuration
  }

  public var namesSchema: Bool { !descriptors.isEmpty || !proto.isEmpty || reflection }

  /// Reads the schema and rules that are named, and reports all faults at once.
  public func loadDescription(logger: Logger) async throws -> ServiceDescription {
    var sources = SchemaSources()
    for path in descriptors { sources.read(descriptorSet: path) }
    sources.compile(protos: proto, importPaths: protoPath)
    for path in rules { sources.read(rules: path) }
    if reflection, let configuration { try await sources.reflect(ReflectedSchema(configuration, logger: logger)) }
    return try ServiceDescription(sources, options: transcoding, keepsComments: builtInEndpoints)
  }
}

/// Whether and how calls are logged.
public enum AccessLogChoice: String, Sendable, CaseIterable {
  case off, json, text

  var format: AccessLogFormat? {
    switch self {
    case .off: nil
    case .json: .json
    case .text: .text
    }
  }
}
