/// Reads the terminals of the path-template grammar from left to right.
///
/// What a byte means depends on where it stands (`.` separates names in a field path and is ordinary in a
/// literal), so there is no token list: the parser asks for the terminal it expects.
struct PathTemplateScanner {
  let text: String
  private let bytes: [UInt8]
  /// Literals end here: where the verb's colon stands, or at the end of the text.
  private var limit: Int
  private(set) var position = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    limit = bytes.count
  }

  /// The byte at the position, nil at the limit.
  var next: UInt8? { position < limit ? bytes[position] : nil }

  mutating func accept(_ byte: Unicode.Scalar) -> Bool {
    guard let next, Unicode.Scalar(next) == byte else { return false }
    position += 1
    return true
  }

  /// Where the verb's colon stands: the last `:` after the last `/` and the last `}`.
  ///
  /// From here on the text ends there, until `openVerb` lifts the limit.
  mutating func closeVerb() -> Bool {
    var index = bytes.count
    while index > 0 {
      index -= 1
      switch Unicode.Scalar(bytes[index]) {
      case ":":
        limit = index
        return true
      case "/", "}": return false
      default: continue
      }
    }
    return false
  }

  mutating func openVerb() {
    position = min(limit + 1, bytes.count)
    limit = bytes.count
  }

  /// IDENT: a letter or underscore, then letters, digits and underscores.
  mutating func identifier() throws(PathTemplateError) -> String {
    let start = position
    while let next, isIdentifier(next, first: position == start) { position += 1 }
    guard position > start else {
      throw error(.invalidFieldPath, "a field name is expected here")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// LITERAL, decoded. Stops before `/`, `}` and `{`, and at the limit; the result is never empty.
  mutating func literal() throws(PathTemplateError) -> String {
    let start = position
    var decoded: [UInt8] = []
    scan: while let next {
      switch Unicode.Scalar(next) {
      case "/", "{", "}": break scan
      case "*":
        throw error(.wildcardInsideSegment, "`*` and `**` must be whole segments")
      case "%":
        guard position + 2 < limit, let value = PercentDecoding.byte(bytes[position + 1], bytes[position + 2]) else {
          throw error(.malformedEscape, "`%` must be followed by two hexadecimal digits")
        }
        decoded.append(value)
        position += 3
      default:
        guard isLiteral(next) else {
          throw error(.invalidCharacter, "this character may not stand in a path; write it as %XX")
        }
        decoded.append(next)
        position += 1
      }
    }
    guard !decoded.isEmpty else { throw error(.emptySegment, "a segment may not be empty") }
    guard let literal = String(validating: decoded, as: UTF8.self) else {
      throw error(.invalidUTF8, "the decoded segment is not UTF-8", at: start)
    }
    return literal
  }

  func error(
    _ code: PathTemplateError.Code, _ message: String, at offset: Int? = nil
  ) -> PathTemplateError {
    let before = bytes[..<min(offset ?? position, bytes.count)]
    let column = before.count(where: { $0 & 0xC0 != 0x80 }) + 1
    return PathTemplateError(code: code, template: text, column: column, message: message)
  }

  private func isIdentifier(_ byte: UInt8, first: Bool) -> Bool {
    switch Unicode.Scalar(byte) {
    case "a"..."z", "A"..."Z", "_": true
    case "0"..."9": !first
    default: false
    }
  }

  /// `pchar` of RFC 3986 section 3.3 without `*` and `%`, and everything beyond ASCII.
  private func isLiteral(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": true
    case "!", "$", "&", "'", "(", ")", "+", ",", ";", "=", ":", "@": true
    default: byte >= 0x80
    }
  }
}
