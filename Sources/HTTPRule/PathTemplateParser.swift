/// Parses a path template by recursive descent; the grammar stands at `PathTemplate`.
///
/// `**` may only be the last segment and variables do not nest; both are refused here, with the column.
struct PathTemplateParser {
  private(set) var segments: [PathTemplate.Segment] = []
  private(set) var variables: [PathTemplate.Variable] = []
  private(set) var verb: String?
  private var scanner: PathTemplateScanner
  /// Where a `**` stood, until something follows it.
  private var doubleWildcardOffset: Int?

  init(_ text: String) {
    scanner = PathTemplateScanner(text)
  }

  mutating func parse() throws(PathTemplateError) {
    let hasVerb = scanner.closeVerb()
    guard scanner.accept("/") else {
      throw scanner.error(.missingLeadingSlash, "a path template begins with `/`")
    }
    if scanner.next == nil, !hasVerb {
      segments = [.literal("")]
      return
    }
    try parseSegments(insideVariable: false)
    guard scanner.next == nil else {
      throw scanner.error(.invalidCharacter, "`}` without `{`")
    }
    if hasVerb { try parseVerb() }
  }

  private mutating func parseSegments(insideVariable: Bool) throws(PathTemplateError) {
    repeat {
      try parseSegment(insideVariable: insideVariable)
    } while scanner.accept("/")
  }

  private mutating func parseSegment(insideVariable: Bool) throws(PathTemplateError) {
    if let doubleWildcardOffset {
      throw scanner.error(
        .doubleWildcardNotLast, "`**` must be the last segment", at: doubleWildcardOffset)
    }
    let start = scanner.position
    switch scanner.next.map(Unicode.Scalar.init) {
    case "{":
      guard !insideVariable else {
        throw scanner.error(.nestedVariable, "a variable may not contain another variable")
      }
      try parseVariable()
    case "*":
      _ = scanner.accept("*")
      if scanner.accept("*") {
        doubleWildcardOffset = start
        try append(.doubleWildcard)
      } else {
        try append(.wildcard)
      }
    default:
      try append(.literal(scanner.literal()))
    }
    switch scanner.next.map(Unicode.Scalar.init) {
    case nil, "/": return
    case "}" where insideVariable: return
    case "{":
      throw scanner.error(.variableInsideSegment, "a variable must be a whole segment")
    case "*":
      throw scanner.error(.wildcardInsideSegment, "`*` and `**` must be whole segments")
    default:
      throw scanner.error(.invalidCharacter, "`/`, `:` or the end of the template is expected here")
    }
  }

  private mutating func parseVariable() throws(PathTemplateError) {
    let start = scanner.position
    _ = scanner.accept("{")
    if scanner.next.map(Unicode.Scalar.init) == "}" {
      throw scanner.error(.emptyVariable, "a variable needs the name of a field")
    }
    var fieldPath: [String] = []
    repeat {
      try fieldPath.append(scanner.identifier())
    } while scanner.accept(".")

    let first = segments.count
    if scanner.accept("=") {
      try parseSegments(insideVariable: true)
    } else {
      try append(.wildcard)
    }
    guard scanner.accept("}") else {
      guard scanner.next == nil else {
        throw scanner.error(.invalidFieldPath, "`.`, `=` or `}` is expected here")
      }
      throw scanner.error(.unterminatedVariable, "this variable has no closing `}`", at: start)
    }
    guard !variables.contains(where: { $0.fieldPath == fieldPath }) else {
      let name = fieldPath.joined(separator: ".")
      throw scanner.error(.repeatedVariable, "the variable \"\(name)\" is bound twice", at: start)
    }
    let isOpenEnded = segments.last == .doubleWildcard
    variables.append(
      PathTemplate.Variable(
        fieldPath: fieldPath, segments: first..<segments.count,
        isMultiSegment: segments.count - first > 1 || isOpenEnded, isOpenEnded: isOpenEnded))
  }

  private mutating func parseVerb() throws(PathTemplateError) {
    scanner.openVerb()
    guard scanner.next != nil else {
      throw scanner.error(.emptyVerb, "a verb is expected after `:`")
    }
    verb = try scanner.literal()
  }

  private mutating func append(_ segment: PathTemplate.Segment) throws(PathTemplateError) {
    guard segments.count < PathTemplate.maximumSegments else {
      throw scanner.error(
        .tooManySegments, "a template may have at most \(PathTemplate.maximumSegments) segments")
    }
    segments.append(segment)
  }
}
