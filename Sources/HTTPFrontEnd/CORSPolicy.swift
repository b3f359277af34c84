/// Which scripts of other origins may call, by the Fetch standard's CORS protocol (fetch.spec.whatwg.org, 3.2).
///
/// The header lines are written once, for each origin: an answer only appends them.
public struct CORSPolicy: Sendable, Equatable {
  /// 10 minutes: Chromium keeps a preflight's answer for two hours at most, and a change of rules should be seen soon.
  public static let maximumAge = 600

  public struct Invalid: Error, Equatable {
    public var message: String
  }

  private let lines: [String: String]
  private let linesForAny: String?
  /// What an answer to anybody else says: caches must not hand it to those who may read it, nor the other way round.
  private let linesForOthers: String
  /// With credentials `*` names no header, so each is named (Fetch 3.2.3).
  let namesExposedHeaders: Bool

  /// - Parameter origins: `https://app.example`, `http://localhost:3000`, or `*` alone.
  /// - Returns: nil for no origins: scripts of other origins may not read anything then.
  public init?(origins: [String], allowsCredentials: Bool = false) throws(Invalid) {
    guard !origins.isEmpty else {
      if allowsCredentials { throw Invalid(message: "credentials are allowed to no origin; name one") }
      return nil
    }
    namesExposedHeaders = allowsCredentials
    let exposed =
      allowsCredentials
      ? "Access-Control-Allow-Credentials: true\r\nAccess-Control-Expose-Headers: \(Self.ownHeaders)\r\n"
      : "Access-Control-Expose-Headers: *\r\n"
    guard !origins.contains("*") else {
      guard origins.count == 1 else { throw Invalid(message: "the origin * stands for all others; give it alone") }
      guard !allowsCredentials else {
        throw Invalid(message: "credentials cannot be allowed to any origin (*); name the origins")
      }
      linesForAny = "Access-Control-Allow-Origin: *\r\n" + exposed
      lines = [:]
      linesForOthers = ""
      return
    }
    linesForAny = nil
    linesForOthers = "Vary: Origin\r\n"
    var lines: [String: String] = [:]
    for origin in origins {
      guard Self.isOrigin(origin) else {
        throw Invalid(
          message: "\"\(origin)\" is no origin: expected scheme and host, and a port if need be, without a path")
      }
      lines[origin.lowercased()] = "Access-Control-Allow-Origin: \(origin.lowercased())\r\nVary: Origin\r\n" + exposed
    }
    self.lines = lines
  }

  /// Header names of the gateway's own that a script could not read otherwise.
  private static let ownHeaders = "Date, Retry-After, X-Request-Id, Allow"

  /// The lines that every answer to a request with this `Origin` carries.
  func headerLines(for origin: String?) -> String {
    if let linesForAny { return linesForAny }
    guard let origin, let known = lines[origin] else { return linesForOthers }
    return known
  }

  /// Whether a script of this origin may call.
  func allows(_ origin: String) -> Bool { linesForAny != nil || lines[origin] != nil }

  /// What the answer to a preflight says on top.
  ///
  /// - Parameters:
  ///   - methods: those of the path, of which the browser picks the one it means.
  ///   - requestedHeaders: `Access-Control-Request-Headers`; all are allowed, since each becomes metadata or is dropped.
  func preflightHeaders(methods: [String], requestedHeaders: String?) -> [(String, String)] {
    var headers = [("Access-Control-Allow-Methods", methods.joined(separator: ", "))]
    if let requestedHeaders, !requestedHeaders.isEmpty {
      headers.append(("Access-Control-Allow-Headers", requestedHeaders))
    }
    headers.append(("Access-Control-Max-Age", String(Self.maximumAge)))
    headers.append(("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"))
    return headers
  }

  /// `scheme "://" host [ ":" port ]` (RFC 6454 section 6.2).
  private static func isOrigin(_ text: String) -> Bool {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return false }
    let name = text[..<colon]
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first | 0x20),
      name.utf8.allSatisfy({ $0 < 0x80 && $0 > 0x20 && $0 != UInt8(ascii: ",") })
    else { return false }
    return HostSyntax.isValid(text[colon...].dropFirst(3))
  }
}
