/// The HTTP methods that a rule answers to.
public enum MethodPattern: Sendable, Hashable, CustomStringConvertible {
  /// This method, compared byte for byte: methods are case-sensitive (RFC 9110 section 9.1).
  case exactly(String)
  /// Every method that no other rule of the same template names; `custom { kind: "*" }` in `http.proto`.
  case any

  public static let get = exactly("GET")
  public static let put = exactly("PUT")
  public static let post = exactly("POST")
  public static let delete = exactly("DELETE")
  public static let patch = exactly("PATCH")

  /// The pattern of a `custom` rule, nil if `kind` is neither `*` nor a token (RFC 9110 section 5.6.2).
  public init?(custom kind: String) {
    if kind == "*" {
      self = .any
    } else if !kind.isEmpty, kind.utf8.allSatisfy(Self.isTokenCharacter) {
      self = .exactly(kind)
    } else {
      return nil
    }
  }

  /// Whether a request can have the method: others are refused before a route is looked for.
  ///
  /// They are those of llhttp (`HTTP_METHOD_MAP`), which reads requests in the gateway; an unknown one is answered with
  /// 501, CONNECT and TRACE with 405.
  public var isSpoken: Bool {
    switch self {
    case .exactly(let method): Self.spoken.contains(method)
    case .any: true
    }
  }

  private static let spoken: Set<String> = [
    "ACL", "BIND", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "M-SEARCH", "MERGE", "MKACTIVITY",
    "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT",
    "QUERY", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
  ]

  public var description: String {
    switch self {
    case .exactly(let method): method
    case .any: "*"
    }
  }

  private static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "a"..."z", "A"..."Z", "0"..."9": true
    case "!", "#", "$", "%", "&", "'", "*", "+", "-", ".", "^", "_", "`", "|", "~": true
    default: false
    }
  }
}
