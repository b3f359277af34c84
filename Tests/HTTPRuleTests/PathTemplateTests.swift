import HTTPRule
import Testing

@Suite struct PathTemplateTests {
  struct Accepted: Sendable, CustomTestStringConvertible {
    let text: String
    let pattern: String
    /// `name:first..<afterLast`, with `+` for several segments and `…` for an open end.
    var variables: [String] = []
    var verb: String?
    var testDescription: String { text }

    init(_ text: String, _ pattern: String, _ variables: [String] = [], verb: String? = nil) {
      self.text = text
      self.pattern = pattern
      self.variables = variables
      self.verb = verb
    }
  }

  static let accepted: [Accepted] = [
    .init("/", "/"),
    .init("/v1", "/v1"),
    .init("/v1/orders", "/v1/orders"),
    .init("/v1/orders:search", "/v1/orders:search", verb: "search"),
    .init("/*", "/*"),
    .init("/**", "/**"),
    .init("/**:all", "/**:all", verb: "all"),
    .init("/v1/{value}", "/v1/*", ["value:1..<2"]),
    .init("/v1/{value=*}", "/v1/*", ["value:1..<2"]),
    .init("/v1/{value}:cancel", "/v1/*:cancel", ["value:1..<2"], verb: "cancel"),
    .init("/v1/{a.b_c.d1}", "/v1/*", ["a.b_c.d1:1..<2"]),
    .init("/v1/{name=orders/*}", "/v1/orders/*", ["name:1..<3+"]),
    .init("/v1/{name=**}", "/v1/**", ["name:1..<2+…"]),
    .init("/v1/{name=shelves/*/books/**}:x", "/v1/shelves/*/books/**:x", ["name:1..<5+…"], verb: "x"),
    .init("/{a=x/*/y}/{b.c=*}/{d=z/**}", "/x/*/y/*/z/**", ["a:0..<3+", "b.c:3..<4", "d:4..<6+…"]),
    .init("/v1/{fixed=latest}", "/v1/latest", ["fixed:1..<2"]),
    .init("/v1/*/x/**", "/v1/*/x/**"),
    .init("/a:b/c", "/a:b/c"),
    .init("/a:b:c", "/a:b:c", verb: "c"),
    .init("/{a=x:y}", "/x:y", ["a:0..<1"]),
    .init("/{a=x:y}:z", "/x:y:z", ["a:0..<1"], verb: "z"),
    .init("/$metadata", "/$metadata"),
    .init("/a=b;c,d@e", "/a=b;c,d@e"),
    .init("/caf%C3%A9/a%2Fb", "/café/a/b"),
    .init("/café", "/café"),
    .init("/a%3Ab", "/a:b"),
    .init("/a:b%20c", "/a:b c", verb: "b c"),
    .init("/order.OrderManagement/getOrder", "/order.OrderManagement/getOrder"),
  ]

  @Test(arguments: accepted)
  func acceptsTheGrammar(_ vector: Accepted) throws {
    let template = try PathTemplate(parsing: vector.text)
    #expect(template.description == vector.text)
    #expect(template.pattern == vector.pattern)
    #expect(template.verb == vector.verb)
    let variables = template.variables.map { variable in
      "\(variable.name):\(variable.segments)\(variable.isMultiSegment ? "+" : "")\(variable.isOpenEnded ? "…" : "")"
    }
    #expect(variables == vector.variables)
  }

  static let refused: [(String, PathTemplateError.Code, column: Int)] = [
    ("", .missingLeadingSlash, 1),
    ("v1", .missingLeadingSlash, 1),
    (":x", .missingLeadingSlash, 1),
    ("{a}", .missingLeadingSlash, 1),
    ("//", .emptySegment, 2),
    ("/v1/", .emptySegment, 5),
    ("/v1//x", .emptySegment, 5),
    ("/:x", .emptySegment, 2),
    ("/v1/:x", .emptySegment, 5),
    ("/v1:", .emptyVerb, 5),
    ("/v1/{a}:", .emptyVerb, 9),
    ("/a b", .invalidCharacter, 3),
    ("/a?b", .invalidCharacter, 3),
    ("/a#b", .invalidCharacter, 3),
    ("/a\"b", .invalidCharacter, 3),
    ("/a\u{0}", .invalidCharacter, 3),
    ("/a}", .invalidCharacter, 3),
    ("/é}", .invalidCharacter, 3),
    ("/a%2", .malformedEscape, 3),
    ("/a%zz", .malformedEscape, 3),
    ("/a%:x", .malformedEscape, 3),
    ("/a%FF", .invalidUTF8, 2),
    ("/%C3", .invalidUTF8, 2),
    ("/a*", .wildcardInsideSegment, 3),
    ("/*a", .invalidCharacter, 3),
    ("/***", .wildcardInsideSegment, 4),
    ("/{a=*b}", .invalidCharacter, 6),
    ("/**/a", .doubleWildcardNotLast, 2),
    ("/a/**/**", .doubleWildcardNotLast, 4),
    ("/{a=**}/b", .doubleWildcardNotLast, 5),
    ("/{a=**/b}", .doubleWildcardNotLast, 5),
    ("/{a=x/**}/{b}", .doubleWildcardNotLast, 7),
    ("/{}", .emptyVariable, 3),
    ("/{1a}", .invalidFieldPath, 3),
    ("/{a.}", .invalidFieldPath, 5),
    ("/{.a}", .invalidFieldPath, 3),
    ("/{a-b}", .invalidFieldPath, 4),
    ("/{é}", .invalidFieldPath, 3),
    ("/{a=}", .emptySegment, 5),
    ("/{a=/x}", .emptySegment, 5),
    ("/{a=x/}", .emptySegment, 7),
    ("/{a", .unterminatedVariable, 2),
    ("/{a=x", .unterminatedVariable, 2),
    ("/v1/{a=x/*", .unterminatedVariable, 5),
    ("/{a={b}}", .nestedVariable, 5),
    ("/{a=x/{b}}", .nestedVariable, 7),
    ("/x{a}", .variableInsideSegment, 3),
    ("/{a}x", .invalidCharacter, 5),
    ("/{a}{b}", .variableInsideSegment, 5),
    ("/{a}/{a}", .repeatedVariable, 6),
    ("/{a.b}/x/{a.b=y/*}", .repeatedVariable, 10),
    ("/x:y*", .wildcardInsideSegment, 5),
  ]

  @Test(arguments: refused)
  func refusesWithTheColumn(_ text: String, _ code: PathTemplateError.Code, column: Int) {
    let error = #expect(throws: PathTemplateError.self) { try PathTemplate(parsing: text) }
    #expect(error?.code == code)
    #expect(error?.column == column)
    #expect(error?.template == text)
  }

  @Test func segmentsAreLimited() throws {
    let most = String(repeating: "/a", count: PathTemplate.maximumSegments)
    #expect(try PathTemplate(parsing: most).segments.count == PathTemplate.maximumSegments)
    let error = #expect(throws: PathTemplateError.self) { try PathTemplate(parsing: most + "/b") }
    #expect(error?.code == .tooManySegments)
    #expect(throws: PathTemplateError.self) {
      try PathTemplate(parsing: String(repeating: "/{a=", count: 100_000))
    }
  }

  /// Whatever the text, the parser answers; what it accepts prints back and parses again to the same.
  @Test func anyTextIsAnswered() {
    var random = SeededGenerator(seed: 7)
    let alphabet = Array("/{}=.:*%aA1_é 2F\u{0}?")
    var accepted = 0
    for _ in 0..<50_000 {
      let text =
        "/"
        + String(
          (0..<Int.random(in: 0...10, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "/" })
      guard let template = try? PathTemplate(parsing: text) else { continue }
      accepted += 1
      #expect(template.description == text)
      #expect((try? PathTemplate(parsing: template.description)) == template)
      #expect(template.segments.dropLast().allSatisfy { $0 != .doubleWildcard })
      for variable in template.variables { #expect(!variable.segments.isEmpty) }
    }
    #expect(accepted > 1000)
  }
}
