import ArgumentParser
import Foundation
import Gateway

/// The settings of a serving command: a file, the environment, and every setting as an option.
///
/// The options themselves are not declared here: `Setting.all` knows them, and what ArgumentParser does not recognise
/// is read by it.
struct SettingsOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A configuration file (YAML). Environment and options win over it.", valueName: "file"))
  var config: String?

  @Flag(help: "Print the configuration that would be run with, as a file, and stop.")
  var printConfig = false

  @Argument(
    parsing: .allUnrecognized, help: ArgumentHelp("Settings, see below.", valueName: "options", visibility: .hidden))
  var arguments: [String] = []

  /// What all sources say, or every fault of all of them.
  func read() throws(GatewayFailure) -> SettingsReader {
    var reader = SettingsReader()
    if let config { try reader.read(file: config) }
    reader.read(environment: ProcessInfo.processInfo.environment)
    let faults = reader.faults.count
    reader.read(arguments: arguments)
    if reader.faults.count > faults { throw GatewayFailure(lines: reader.faults, isUsage: true) }
    return reader
  }

  static let discussion = """
    OPTIONS OF THE SETTINGS (each can also stand in the file of --config, and in the environment as GATEWAY_NAME):
    \(SettingsText.help)
    """
}
