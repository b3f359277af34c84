/// Why a text from a path or a query could not become a field's value.
public struct TextFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// As in `JSONFault`; only the codes of single values occur.
  public let code: JSONFault.Code
  /// The field by its JSON names: `order.price`, `labels["a"]`.
  public let fieldPath: String
  public let found: String
  public let expected: String
  public let suggestion: String?

  public init(
    code: JSONFault.Code, fieldPath: String, found: String, expected: String, suggestion: String? = nil
  ) {
    self.code = code
    self.fieldPath = fieldPath
    self.found = found
    self.expected = expected
    self.suggestion = suggestion
  }

  public var reason: String {
    let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
    return "found \(found), expected \(expected)\(hint)"
  }

  public var message: String { "\(fieldPath): \(reason)" }
  public var description: String { message }
}
