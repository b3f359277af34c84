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

extension Logger {
  /// What a command says beside its output.
  static func standardError(_ level: Logger.Level) -> Logger {
    var logger = Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = level
    return logger
  }
}
