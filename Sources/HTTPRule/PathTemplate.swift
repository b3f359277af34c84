/// A parsed `google.api.http` path template, such as `/v1/{name=orders/*}:cancel`.
///
/// The template is kept as written: `description` prints it back, and the route table is built from
/// `segments` and `verb` alone, so two spellings of the same route are found to conflict.
///
///     Template  = "/" Segments [ Verb ]
///     Segments  = Segment { "/" Segment }
///     Segment   = "*" | "**" | LITERAL | Variable
///     Variable  = "{" FieldPath [ "=" Segments ] "}"
///     FieldPath = IDENT { "." IDENT }
///     Verb      = ":" LITERAL
///
/// Source: the comments of `google/api/http.proto`. What that grammar leaves open is settled here:
/// - LITERAL is one or more `pchar` of RFC 3986 section 3.3 without `*`, or any UTF-8 beyond ASCII. It may
///   hold `%XX`; it is decoded here and compared with the decoded segment of a request.
/// - A `:` begins a verb only in the last segment, after any variable; elsewhere it is part of a literal.
/// - `/` alone is the root: one segment that is empty.
public struct PathTemplate: Sendable, Hashable, CustomStringConvertible {
  /// One part of the path between two slashes, variables dissolved into what they match.
  public enum Segment: Sendable, Hashable {
    /// Exactly this text, after percent decoding of the request's segment.
    case literal(String)
    /// `*`: any one segment that is not empty.
    case wildcard
    /// `**`: all the segments that are left, or none. Always the last one.
    case doubleWildcard
  }

  /// A field of the request message that takes its value from the path.
  public struct Variable: Sendable, Hashable {
    /// The names between the dots of `{a.b=…}`.
    public let fieldPath: [String]
    /// The indices in `PathTemplate.segments` that the variable spans.
    public let segments: Range<Int>
    /// Whether the value may hold slashes (`{a=x/*}`, `{a=**}`), so that an encoded one has to stay encoded.
    public let isMultiSegment: Bool
    /// Whether the variable ends with `**` and so runs to the end of the path.
    public let isOpenEnded: Bool

    public var name: String { fieldPath.joined(separator: ".") }
  }

  /// The most segments a template may have; matching recurses once for each.
  public static let maximumSegments = 128

  public let description: String
  public let segments: [Segment]
  public let variables: [Variable]
  public let verb: String?

  /// Parses `text`, or says in which column it stops being a template.
  public init(parsing text: String) throws(PathTemplateError) {
    var parser = PathTemplateParser(text)
    try parser.parse()
    description = text
    segments = parser.segments
    variables = parser.variables
    verb = parser.verb
  }

  /// A template of these literal segments, for paths made from names rather than written by somebody.
  public init(literals: [String]) {
    description = "/" + literals.joined(separator: "/")
    segments = literals.map(Segment.literal)
    variables = []
    verb = nil
  }

  /// The template without its variables' names: equal for two templates that match the same paths.
  public var pattern: String {
    var text = ""
    for segment in segments {
      switch segment {
      case .literal(let literal): text += "/" + literal
      case .wildcard: text += "/*"
      case .doubleWildcard: text += "/**"
      }
    }
    if let verb { text += ":" + verb }
    return text
  }
}
