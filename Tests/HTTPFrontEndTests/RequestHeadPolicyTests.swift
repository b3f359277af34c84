import NIOHTTP1
import Testing

@testable import HTTPFrontEnd

@Suite struct RequestHeadPolicyTests {
  private let policy = RequestHeadPolicy()

  private func head(
    _ method: HTTPMethod = .GET, _ uri: String = "/", _ headers: [(String, String)] = [("Host", "a")], minor: Int = 1
  ) -> HTTPRequestHead {
    HTTPRequestHead(
      version: HTTPVersion(major: 1, minor: minor), method: method, uri: uri, headers: HTTPHeaders(headers))
  }

  private func status(_ head: HTTPRequestHead) -> Int? {
    do {
      _ = try policy.check(head)
      return nil
    } catch { return error.status }
  }

  @Test(
    arguments: [
      ("/", "/", nil), ("/v1/orders?x=1&y=2", "/v1/orders", "x=1&y=2"), ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"),
      ("http://a/v1/x?y", "/v1/x", "y"), ("HTTP://A", "/", nil), ("http://a?x", "/", "x"),
    ] as [(String, String, String?)])
  func splitsTheTarget(uri: String, path: String, query: String?) throws {
    let facts = try policy.check(head(.GET, uri))
    #expect(facts.path == path)
    #expect(facts.query.map(String.init) == query)
  }

  @Test(arguments: ["a", "a:80", "127.0.0.1:8080", "[::1]:8080", "xn--bcher-kva.example", "a_b", "a:"])
  func acceptsHost(_ host: String) {
    #expect(status(head(.GET, "/", [("Host", host)])) == nil)
  }

  @Test(arguments: ["", "a b", "a,b", "u@a", "a/b", "a:b", "a:123456", "[::1", "[zz]", "[]", "a#", "a\\b", "é"])
  func refusesHost(_ host: String) {
    #expect(status(head(.GET, "/", [("Host", host)])) == 400)
  }

  @Test func exactlyOneHostOnHTTP11() {
    #expect(status(head(.GET, "/", [])) == 400)
    #expect(status(head(.GET, "/", [("Host", "a"), ("host", "a")])) == 400)
    #expect(status(head(.GET, "/", [], minor: 0)) == nil)
  }

  @Test func absoluteTargetMustNameTheHost() {
    #expect(status(head(.GET, "http://b/", [("Host", "a")])) == 400)
    #expect(status(head(.GET, "ftp://a/", [("Host", "a")])) == 400)
    #expect(status(head(.GET, "http://u@a/", [("Host", "a")])) == 400)
  }

  @Test(arguments: ["/a b", "/a#b", "/\u{7F}", "/\u{FFFD}", "x"])
  func refusesTarget(_ uri: String) {
    #expect(status(head(.GET, uri)) == 400)
  }

  @Test func rawUTF8InTheTargetIsTaken() throws {
    #expect(try policy.check(head(.GET, "/v1/orders:search?value=手机")).query == "value=手机")
  }

  @Test func serverWideTargetGoesWithOptionsOnly() throws {
    #expect(try policy.check(head(.OPTIONS, "*")).isServerWide)
    #expect(status(head(.GET, "*")) == 400)
  }

  @Test func methodsThatAreNeverOffered() {
    #expect(status(head(.CONNECT, "a:80")) == 405)
    #expect(status(head(.TRACE, "/")) == 405)
  }

  @Test(
    arguments: [
      ("chunked", 1, nil), ("Chunked", 1, nil), ("", 1, 400), ("gzip, chunked", 1, 400), ("identity", 1, 400),
      ("chunked ", 1, 400), ("chunked", 0, 400),
    ] as [(String, Int, Int?)])
  func transferEncodingIsExactlyChunked(value: String, minor: Int, expected: Int?) {
    #expect(status(head(.POST, "/", [("Host", "a"), ("Transfer-Encoding", value)], minor: minor)) == expected)
  }

  @Test func framingThatContradictsItself() {
    let both = [("Host", "a"), ("Transfer-Encoding", "chunked"), ("Content-Length", "1")]
    #expect(status(head(.POST, "/", both)) == 400)
    #expect(
      status(head(.POST, "/", [("Host", "a"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")]))
        == 400)
    #expect(status(head(.POST, "/", [("Host", "a"), ("Content-Length", "1"), ("Content-Length", "1")])) == 400)
  }

  @Test func expectations() throws {
    #expect(try policy.check(head(.POST, "/", [("Host", "a"), ("Expect", "100-Continue")])).expectsContinue)
    #expect(status(head(.POST, "/", [("Host", "a"), ("Expect", "200-ok")])) == 417)
  }

  @Test(
    arguments: [
      ([("Host", "a")], 1, true), ([("Host", "a"), ("Connection", "close")], 1, false),
      ([("Host", "a"), ("Connection", "x, CLOSE")], 1, false), ([("Host", "a")], 0, false),
      ([("Host", "a"), ("Connection", "Keep-Alive")], 0, true),
    ] as [([(String, String)], Int, Bool)])
  func persistence(headers: [(String, String)], minor: Int, keepAlive: Bool) throws {
    #expect(try policy.check(head(.GET, "/", headers, minor: minor)).keepAlive == keepAlive)
  }

  @Test func trailersAreSentToThoseWhoTakeThem() throws {
    #expect(try policy.check(head(.GET, "/", [("Host", "a"), ("TE", "gzip, trailers;q=1")])).acceptsTrailers)
    #expect(try !policy.check(head(.GET, "/", [("Host", "a"), ("TE", "gzip")])).acceptsTrailers)
  }

  @Test func targetLengthAtItsLimit() {
    let limit = policy.maximumTargetLength
    #expect(status(head(.GET, "/" + String(repeating: "a", count: limit - 1))) == nil)
    #expect(status(head(.GET, "/" + String(repeating: "a", count: limit))) == 414)
  }

  @Test func headerCountAtItsLimit() {
    let limit = policy.maximumHeaderCount
    let lines = [("Host", "a")] + (1..<limit).map { ("X-\($0)", "v") }
    #expect(status(head(.GET, "/", lines)) == nil)
    #expect(status(head(.GET, "/", lines + [("X", "v")])) == 431)
  }
}
