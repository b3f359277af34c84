/// Says why a text is not a path template, and where.
public struct PathTemplateError: Error, Hashable, CustomStringConvertible {
  public enum Code: Sendable, Hashable {
    case missingLeadingSlash
    case emptySegment
    case invalidCharacter
    case malformedEscape
    case invalidUTF8
    case wildcardInsideSegment
    case doubleWildcardNotLast
    case invalidFieldPath
    case emptyVariable
    case nestedVariable
    case unterminatedVariable
    case variableInsideSegment
    case repeatedVariable
    case emptyVerb
    case tooManySegments
  }

  public let code: Code
  public let template: String
  /// 1-based, in characters.
  public let column: Int
  /// The reason alone, without the template and the column.
  public let message: String

  public var description: String { "path template \"\(template)\", column \(column): \(message)" }
}
