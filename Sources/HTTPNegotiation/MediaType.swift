/// A media type with its parameters, as `Content-Type` holds it (RFC 9110 section 8.3.1).
///
///     media-type = type "/" subtype parameters
///
/// Type, subtype and the names of parameters do not depend on case and are kept in lower case.
public struct MediaType: Sendable, Hashable {
  public struct Parameter: Sendable, Hashable {
    /// Lower case.
    public var name: String
    /// As sent, quotes removed.
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public let type: String
  public let subtype: String
  public let parameters: [Parameter]

  public init(_ type: String, _ subtype: String, parameters: [Parameter] = []) {
    self.type = type
    self.subtype = subtype
    self.parameters = parameters
  }

  /// Reads a header value; nil when it is not exactly of the grammar, or is a range with `*`.
  public init?(parsing text: String) {
    var scanner = FieldScanner(text)
    scanner.skipWhitespace()
    guard
      let type = scanner.token(), scanner.take(UInt8(ascii: "/")), let subtype = scanner.token(),
      type != "*", subtype != "*", let parameters = scanner.parameters()
    else { return nil }
    scanner.skipWhitespace()
    guard scanner.isAtEnd else { return nil }
    self.init(type.lowercased(), subtype.lowercased(), parameters: parameters)
  }

  /// `type/subtype`.
  public var essence: String { "\(type)/\(subtype)" }

  /// The first parameter of that name, which is given in lower case.
  public func parameter(_ name: String) -> String? {
    parameters.first { $0.name == name }?.value
  }

  /// What follows the last `+` of the subtype (RFC 6838 section 4.2.8), such as `json`.
  public var suffix: Substring? {
    guard let plus = subtype.lastIndex(of: "+") else { return nil }
    let suffix = subtype[subtype.index(after: plus)...]
    return suffix.isEmpty ? nil : suffix
  }

  /// `application/json`, or any type whose suffix says that it is JSON.
  public var isJSON: Bool {
    type == "application" && subtype == "json" || suffix == "json"
  }
}

extension MediaType: CustomStringConvertible {
  /// The header value; a parameter's value is quoted when it is not a token.
  public var description: String {
    var text = essence
    for parameter in parameters {
      text += "; \(parameter.name)="
      if !parameter.value.isEmpty, parameter.value.utf8.allSatisfy(FieldScanner.isTokenCharacter) {
        text += parameter.value
      } else {
        let escaped = parameter.value.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }
        text += "\"\(escaped.joined())\""
      }
    }
    return text
  }
}
