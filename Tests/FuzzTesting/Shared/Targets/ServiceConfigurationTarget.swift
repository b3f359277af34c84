import ProtobufSchema

/// The input is a service configuration in YAML: rules, or faults with their lines.
enum ServiceConfigurationTarget {
  static func run(_ bytes: [UInt8]) throws {
    let (configuration, errors) = ServiceConfiguration.reading(yaml: String(decoding: bytes, as: UTF8.self), file: "f")
    let groups = configuration.groupedRules
    try require(groups.reduce(0) { $0 + $1.count } == configuration.rules.count, "a rule is in no group")
    for error in errors {
      guard case .file("f", let line) = error.origin else { throw FuzzFinding(description: "a fault without a place") }
      try require(line >= 0 && !error.message.isEmpty, "line \(line): \(error.message)")
    }
  }
}
