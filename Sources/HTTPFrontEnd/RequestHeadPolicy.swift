import NIOHTTP1

/// What an HTTP/1.1 request head says about its own framing and target, once it has been found sound.
struct RequestHeadFacts: Equatable {
  /// The target's path, raw (percent-encoded, as it came), and its query without the `?`.
  var path: Substring = "/"
  var query: Substring?
  /// `OPTIONS *`.
  var isServerWide = false
  var host: String = ""
  /// The declared length; `nil` when there is none.
  var contentLength: Int?
  var isChunked = false
  var expectsContinue = false
  var isHTTP10 = false
  /// Whether the caller keeps the connection, as far as it says.
  var keepAlive = true
  /// `TE: trailers`: the caller reads HTTP trailers.
  var acceptsTrailers = false
  /// Another protocol is asked for.
  var asksForUpgrade = false
  var contentType: String?
  /// All lines of `Accept`, joined by commas.
  var accept: String?
  /// All lines of `Accept-Encoding`, joined by commas.
  var acceptEncoding: String?
  /// All lines of `Content-Encoding`, joined by commas.
  var contentEncoding: String?
  var grpcTimeout: String?
  var serverTimeout: String?
  /// The origin of the script that calls, when it is a script of a browser.
  var origin: String?

  var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

  /// Lends the bytes of path and query; an absent query is an empty one.
  func withTargetBytes<Result, Failure: Error>(
    _ body: (_ path: RawSpan, _ query: RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Both are parts of one native string, so their spans lend what is there.
    let query = query ?? ""
    return try body(path.utf8.span.bytes, query.utf8.span.bytes)
  }
}

extension RequestHeadFacts {
  /// Filled in place: as a result of `check` they would be copied, string by string.
  init(of head: HTTPRequestHead, by policy: RequestHeadPolicy) throws(RequestHeadFault) {
    self.init()
    try policy.check(head, into: &self)
  }
}

/// Why a request head is refused; the connection is closed after the answer, since what follows a head
/// that is not understood cannot be framed.
struct RequestHeadFault: Error, Equatable {
  /// The HTTP status of the answer.
  var status: Int
  var message: String
}

/// Checks a request head beyond what the parser does.
///
/// llhttp as NIO sets it up frames messages safely but accepts heads that intermediaries read differently
/// from one another. Each rule names its source; what is not listed stays with the parser.
struct RequestHeadPolicy: Sendable {
  /// 8 KiB: what common servers and proxies accept (RFC 9110 §4.1 asks for at least 8000 octets).
  var maximumTargetLength = 8 * 1024
  /// 100 header lines: several times what browsers and proxies send.
  var maximumHeaderCount = 100

  func check(_ head: HTTPRequestHead) throws(RequestHeadFault) -> RequestHeadFacts {
    try RequestHeadFacts(of: head, by: self)
  }

  fileprivate func check(_ head: HTTPRequestHead, into facts: inout RequestHeadFacts) throws(RequestHeadFault) {
    guard head.uri.utf8.count <= maximumTargetLength else {
      throw RequestHeadFault(
        status: 414, message: "the request target is longer than \(maximumTargetLength) bytes")
    }
    guard head.headers.count <= maximumHeaderCount else {
      throw RequestHeadFault(status: 431, message: "more than \(maximumHeaderCount) header lines")
    }
    facts.isHTTP10 = head.version.minor == 0
    facts.keepAlive = !facts.isHTTP10
    try checkMethod(head.method)

    var hosts = 0
    for (name, value) in head.headers {
      switch name.utf8.count {
      case 2 where name.equalsIgnoringCase("te"):
        if value.listContainsToken("trailers") { facts.acceptsTrailers = true }
      case 4 where name.equalsIgnoringCase("host"):
        hosts += 1
        facts.host = value
      case 6 where name.equalsIgnoringCase("accept"):
        facts.accept = facts.accept.map { "\($0), \(value)" } ?? value
      case 6 where name.equalsIgnoringCase("expect"):
        // RFC 9110 §10.1.1: the only expectation there is.
        guard value.equalsIgnoringCase("100-continue") else {
          throw RequestHeadFault(status: 417, message: "unknown expectation \"\(value)\"")
        }
        facts.expectsContinue = !facts.isHTTP10
      case 6 where name.equalsIgnoringCase("origin"):
        facts.origin = value
      case 7 where name.equalsIgnoringCase("upgrade"):
        facts.asksForUpgrade = true
      case 10 where name.equalsIgnoringCase("connection"):
        if value.listContainsToken("close") {
          facts.keepAlive = false
        } else if facts.isHTTP10, value.listContainsToken("keep-alive") {
          facts.keepAlive = true
        }
      case 12 where name.equalsIgnoringCase("content-type"):
        guard facts.contentType == nil else {
          throw RequestHeadFault(status: 400, message: "more than one Content-Type header")
        }
        facts.contentType = value
      case 12 where name.equalsIgnoringCase("grpc-timeout"):
        facts.grpcTimeout = value
      case 14 where name.equalsIgnoringCase("content-length"):
        guard let length = Int(value), length >= 0, facts.contentLength == nil else {
          throw RequestHeadFault(status: 400, message: "Content-Length is not one number")
        }
        facts.contentLength = length
      case 16 where name.equalsIgnoringCase("x-server-timeout"):
        facts.serverTimeout = value
      case 15 where name.equalsIgnoringCase("accept-encoding"):
        facts.acceptEncoding = facts.acceptEncoding.map { "\($0), \(value)" } ?? value
      case 16 where name.equalsIgnoringCase("content-encoding"):
        facts.contentEncoding = facts.contentEncoding.map { "\($0), \(value)" } ?? value
      case 17 where name.equalsIgnoringCase("transfer-encoding"):
        // RFC 9112 §6.1: a coding that is not understood, or one on HTTP/1.0, is how requests are smuggled.
        guard !facts.isHTTP10, !facts.isChunked, value.equalsIgnoringCase("chunked") else {
          throw RequestHeadFault(status: 400, message: "Transfer-Encoding must be exactly \"chunked\"")
        }
        facts.isChunked = true
      default:
        continue
      }
    }
    guard !(facts.isChunked && facts.contentLength != nil) else {
      throw RequestHeadFault(status: 400, message: "both Content-Length and Transfer-Encoding")
    }
    try checkHost(count: hosts, facts.host, isHTTP10: facts.isHTTP10)
    try parseTarget(head.uri, method: head.method, into: &facts)
  }

  private func checkMethod(_ method: HTTPMethod) throws(RequestHeadFault) {
    switch method {
    case .CONNECT, .TRACE:
      throw RequestHeadFault(status: 405, message: "\(method.rawValue) is not offered here")
    default:
      return
    }
  }

  /// RFC 9112 §3.2: exactly one `Host` on HTTP/1.1, and it must be a valid one.
  private func checkHost(count: Int, _ host: String, isHTTP10: Bool) throws(RequestHeadFault) {
    if count == 0, isHTTP10 { return }
    guard count == 1 else {
      throw RequestHeadFault(status: 400, message: count == 0 ? "no Host header" : "more than one Host header")
    }
    guard HostSyntax.isValid(host) else {
      throw RequestHeadFault(status: 400, message: "the Host header is not a host and optional port")
    }
  }

  /// RFC 9112 §3.2: origin form, absolute form, or `*` for OPTIONS.
  private func parseTarget(
    _ uri: String, method: HTTPMethod, into facts: inout RequestHeadFacts
  ) throws(RequestHeadFault) {
    if uri == "*" {
      guard method == .OPTIONS else {
        throw RequestHeadFault(status: 400, message: "\"*\" as the target goes with OPTIONS only")
      }
      facts.isServerWide = true
      return
    }
    var rest = Substring(uri)
    if rest.utf8.first != UInt8(ascii: "/") {
      rest = try stripAuthority(rest, host: facts.host)
    }
    let scan = rest.withUTF8(TargetScan.init)
    guard scan.isSound else {
      throw RequestHeadFault(
        status: 400, message: "the request target holds a character that must be percent-encoded")
    }
    let query = scan.query.map { rest.utf8.index(rest.startIndex, offsetBy: $0) }
    guard let query else {
      facts.path = rest
      return
    }
    facts.path = rest[..<query]
    facts.query = rest[rest.utf8.index(after: query)...]
  }

  private func stripAuthority(_ uri: Substring, host: String) throws(RequestHeadFault) -> Substring {
    let scheme = ["http://", "https://"].first { uri.prefix($0.count).equalsIgnoringCase($0) }
    guard let scheme else {
      throw RequestHeadFault(status: 400, message: "the request target is neither a path nor an http URL")
    }
    let afterScheme = uri.dropFirst(scheme.count)
    let end = afterScheme.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? afterScheme.endIndex
    guard HostSyntax.isValid(afterScheme[..<end]), afterScheme[..<end].equalsIgnoringCase(host) else {
      throw RequestHeadFault(status: 400, message: "the Host header and the request target name different hosts")
    }
    let path = afterScheme[end...]
    return path.utf8.first == UInt8(ascii: "/") ? path : "/" + path
  }
}

/// One look at the bytes of a request target.
private struct TargetScan {
  /// The offset of the first `?`.
  var query: Int?
  /// No control character or space, which never belong in a target, and no fragment; no U+FFFD, which stands where
  /// the parser met bytes that are no UTF-8.
  var isSound = true

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    for (offset, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "?"): if query == nil { query = offset }
      case 0...0x20, 0x7F, UInt8(ascii: "#"): isSound = false
      case 0xBD where offset >= 2 && bytes[offset - 1] == 0xBF && bytes[offset - 2] == 0xEF: isSound = false
      default: break
      }
    }
  }
}

/// The grammar of `Host`: `uri-host [ ":" port ]` (RFC 9110 §7.2), without user information.
enum HostSyntax {
  static func isValid(_ host: some StringProtocol) -> Bool {
    host.utf8.withContiguousStorageIfAvailable { isValid($0) } ?? Array(host.utf8).withUnsafeBufferPointer(isValid)
  }

  private static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first else { return false }
    var end = 0
    if first == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")), close > 1 else { return false }
      for byte in bytes[1..<close] {
        guard isHexDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") else { return false }
      }
      end = close + 1
    } else {
      while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
      guard end > 0 else { return false }
    }
    guard end < bytes.count else { return true }
    let port = bytes[(end + 1)...]
    return bytes[end] == UInt8(ascii: ":") && port.count <= 5 && port.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }

  /// `unreserved / pct-encoded / sub-delims` of RFC 3986 §3.2.2 less the comma, which joins two hosts in
  /// the eyes of some intermediaries.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"): true
    case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: "="):
      true
    default: false
    }
  }
}
