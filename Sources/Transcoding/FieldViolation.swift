/// One thing that is wrong with a request: a `google.rpc.BadRequest.FieldViolation`.
public struct FieldViolation: Sendable, Hashable {
  /// The field as the caller wrote it: a path into the JSON (`addresses[2].type`), the name of a parameter, or
  /// the name of a path variable. Empty where the whole body is meant.
  public let field: String
  public let description: String
  /// A constant for programs, in UPPER_SNAKE_CASE.
  public let reason: String?

  public init(field: String, description: String, reason: String? = nil) {
    self.field = field
    self.description = description
    self.reason = reason
  }
}
