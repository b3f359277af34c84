import ArgumentParser
import Gateway
import Logging

/// `host:port` as an option's value; an IPv6 address stands in brackets.
struct AddressArgument: ExpressibleByArgument {
  var address: SocketAddressText

  init(_ host: String, _ port: Int) {
    address = SocketAddressText(host: host, port: port)
  }

  init?(argument: String) {
    guard let address = SocketAddressText(argument) else { return nil }
    self.address = address
  }

  var defaultValueDescription: String { "\(address)" }
}

/// What every serving command takes.
struct CommonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Event loops; each has its own connections to the upstream.", valueName: "n"))
  var threads = 1

  @Option(help: ArgumentHelp("Seconds that calls in flight may take at the end.", valueName: "seconds"))
  var grace = 30.0

  @Flag(help: "Do not answer /healthz, /readyz, /openapi.json and /openapi.yaml: leave those paths to the service.")
  var noBuiltInEndpoints = false

  @Option(help: ArgumentHelp("What is logged to standard error.", valueName: "level"))
  var logLevel = LogLevelArgument.warning

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("The number of threads must be from 1 to 256.") }
    guard grace >= 0, grace <= 86_400 else { throw ValidationError("The grace must be from 0 to 86400 seconds.") }
  }

  var logger: Logger {
    var logger = Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel.level
    return logger
  }

  func configuration(listen: SocketAddressText, upstream: SocketAddressText) -> GatewayConfiguration {
    var configuration = GatewayConfiguration(listen: listen, upstream: upstream)
    configuration.threads = threads
    configuration.servesBuiltInEndpoints = !noBuiltInEndpoints
    return configuration
  }
}

/// The levels of swift-log as an option's value.
enum LogLevelArgument: String, CaseIterable, ExpressibleByArgument {
  case trace, debug, info, notice, warning, error, critical

  var level: Logger.Level {
    switch self {
    case .trace: .trace
    case .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    case .critical: .critical
    }
  }
}

/// Where the schema and its rules come from.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A FileDescriptorSet with its imports, as protoc makes it. Repeatable.", valueName: "file"))
  var descriptors: [String]

  @OptionGroup var rules: RuleOptions

  func load() throws -> ServiceDescription {
    try ServiceDescription.load(descriptors: descriptors, rules: rules.rules, autoMapping: !rules.noAutoMapping)
  }
}

/// The same where nothing at all stands for the order service.
struct OptionalSourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A FileDescriptorSet with its imports, as protoc makes it. Repeatable.", valueName: "file"))
  var descriptors: [String] = []

  @OptionGroup var rules: RuleOptions

  func load() throws -> ServiceDescription {
    if descriptors.isEmpty {
      guard rules.rules.isEmpty else { throw GatewayFailure("--rules without --descriptors: rules of what?") }
      return try ServiceDescription.orders()
    }
    return try ServiceDescription.load(
      descriptors: descriptors, rules: rules.rules, autoMapping: !rules.noAutoMapping)
  }
}

struct RuleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A service configuration with http.rules (YAML). Repeatable.", valueName: "file"))
  var rules: [String] = []

  @Flag(help: "Do not serve every method as POST /package.Service/Method too.")
  var noAutoMapping = false
}
