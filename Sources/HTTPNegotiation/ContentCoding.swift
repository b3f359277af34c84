/// A content coding that the gateway knows (RFC 9110 section 8.4.1).
public enum ContentCoding: String, Sendable, Hashable, CaseIterable {
  case identity
  case gzip
  case deflate

  /// Does not depend on case; `x-gzip` is `gzip`.
  public init?(name: some StringProtocol) {
    switch name.lowercased() {
    case "identity": self = .identity
    case "gzip", "x-gzip": self = .gzip
    case "deflate": self = .deflate
    default: return nil
    }
  }

  /// Reads `Content-Encoding`, all its lines: the codings in the order in which they were applied, without
  /// `identity`.
  ///
  /// - Returns: nil when one is not known or the list is not one of tokens; the answer to that is 415.
  public static func list(parsing lines: some Sequence<String>) -> [ContentCoding]? {
    var codings: [ContentCoding] = []
    for line in lines {
      var scanner = FieldScanner(line)
      while true {
        scanner.skipWhitespace()
        // RFC 9110 section 5.6.1.2: empty elements of a list are to be ignored.
        if let token = scanner.token() {
          guard let coding = ContentCoding(name: token) else { return nil }
          if coding != .identity { codings.append(coding) }
          scanner.skipWhitespace()
        }
        if scanner.isAtEnd { break }
        guard scanner.take(UInt8(ascii: ",")) else { return nil }
      }
    }
    return codings
  }
}
