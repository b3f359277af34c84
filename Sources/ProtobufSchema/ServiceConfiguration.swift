/// The HTTP part of a service configuration file (`google.api.Service` in YAML).
///
///     type: google.api.Service
///     config_version: 3
///     http:
///       fully_decode_reserved_expansion: false
///       rules:
///       - selector: pkg.Service.Method
///         get: /v1/{name=orders/*}
///         additional_bindings:
///         - custom: { kind: HEAD, path: /v1/orders }
///
/// Source: `google/api/service.proto` and `google/api/http.proto`. Names may be spelled as in the proto or in
/// lowerCamelCase, as ProtoJSON allows. The rest of `google.api.Service` is accepted and not looked into; a key
/// that it does not have is an error, and so is everything under `http` that is not understood.
public struct ServiceConfiguration: Sendable, Hashable {
  /// In the order of the file, additional bindings behind their rule.
  public let rules: [HTTPRuleDeclaration]
  /// Whether what `**` matched inside a path variable is decoded whole, `%2F` too.
  public let fullyDecodesReservedExpansion: Bool

  /// The same, each rule together with its additional bindings.
  public var groupedRules: [[HTTPRuleDeclaration]] {
    rules.reduce(into: []) { groups, rule in
      if rule.isAdditional, !groups.isEmpty {
        groups[groups.count - 1].append(rule)
      } else {
        groups.append([rule])
      }
    }
  }

  /// Reads a file's text; `file` is what errors call it.
  ///
  /// Throws all faults at once, each with its line. Whether selectors, templates and fields exist is not known here.
  public init(yaml: String, file: String) throws(HTTPRuleErrors) {
    let reading = Self.reading(yaml: yaml, file: file)
    guard reading.errors.isEmpty else { throw HTTPRuleErrors(errors: reading.errors) }
    self = reading.configuration
  }

  /// Reads what can be read, with the faults beside it: the rules that are well formed can be looked at further.
  public static func reading(yaml: String, file: String) -> (configuration: Self, errors: [HTTPRuleError]) {
    var reader = ServiceConfigurationReader(file: file)
    reader.read(yaml)
    return (Self(reader), reader.errors)
  }

  private init(_ reader: ServiceConfigurationReader) {
    rules = reader.declarations
    fullyDecodesReservedExpansion = reader.fullyDecodesReservedExpansion
  }
}
