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

  @OptionGroup(title: "Callers") var callers: CallerOptions
  @OptionGroup(title: "Values") var values: ValueOptions

  var logger: Logger { .standardError(logLevel.level) }

  func configuration(listen: SocketAddressText, upstream: SocketAddressText) -> GatewayConfiguration {
    var configuration = GatewayConfiguration(listen: listen, upstream: upstream)
    configuration.threads = threads
    configuration.servesBuiltInEndpoints = !noBuiltInEndpoints
    callers.apply(to: &configuration.frontEnd)
    return configuration
  }
}

extension Logger {
  /// What a command says beside its output.
  static func standardError(_ level: Logger.Level) -> Logger {
    var logger = Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = level
    return logger
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
