/// Reads the pieces that HTTP header fields are made of (RFC 9110 section 5.6) from left to right.
///
///     token         = 1*tchar
///     quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
///     OWS           = *( SP / HTAB )
///     parameters    = *( OWS ";" OWS [ parameter ] )
///     parameter     = token "=" ( token / quoted-string )
struct FieldScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = text[...].utf8
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skipWhitespace() {
    while let byte = rest.first, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { rest.removeFirst() }
  }

  /// Takes `byte` if it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  /// Takes a token; nil, and nothing taken, when none comes next.
  mutating func token() -> Substring? {
    let token = rest.prefix(while: Self.isTokenCharacter)
    guard !token.isEmpty else { return nil }
    rest = rest[token.endIndex...]
    return Substring(token)
  }

  /// Takes a token or a quoted string, unquoted; nil when neither comes next or the quotes do not close.
  mutating func word() -> String? {
    guard rest.first == UInt8(ascii: "\"") else { return token().map(String.init) }
    var unquoted: [UInt8] = []
    var index = rest.index(after: rest.startIndex)
    while index < rest.endIndex {
      var byte = rest[index]
      index = rest.index(after: index)
      switch byte {
      case UInt8(ascii: "\""):
        rest = rest[index...]
        return String(decoding: unquoted, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard index < rest.endIndex else { return nil }
        byte = rest[index]
        index = rest.index(after: index)
      default:
        break
      }
      guard byte == 0x09 || byte >= 0x20 && byte != 0x7F else { return nil }
      unquoted.append(byte)
    }
    return nil
  }

  /// Takes `*( OWS ";" OWS [ parameter ] )`, names lower-cased; nil when something else stands in between.
  mutating func parameters() -> [MediaType.Parameter]? {
    var parameters: [MediaType.Parameter] = []
    while true {
      skipWhitespace()
      guard take(UInt8(ascii: ";")) else { return parameters }
      skipWhitespace()
      guard let name = token() else { continue }
      guard take(UInt8(ascii: "=")), let value = word() else { return nil }
      parameters.append(MediaType.Parameter(name: name.lowercased(), value: value))
    }
  }

  /// Takes everything up to the next comma that stands in no quoted string, and the comma.
  mutating func skipListElement() {
    var isQuoted = false
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "\\") where isQuoted: _ = rest.popFirst()
      case UInt8(ascii: ",") where !isQuoted: return
      default: break
      }
    }
  }

  /// RFC 9110 section 5.6.2.
  static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"),
      UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
      UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default:
      false
    }
  }
}
