import GRPCWire
import Testing

struct RequestMetadataTests {
  static let added = [
    ("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "http"), ("x-request-id", "new"),
  ]

  /// What the given headers become, without what is added to every request.
  private func metadata(_ headers: [(String, String)]) throws -> [String] {
    let entries = try all(headers)
    #expect(entries.suffix(Self.added.count) == Self.added.map { "\($0): \($1)" })
    return Array(entries.dropLast(Self.added.count))
  }

  private func all(_ headers: [(String, String)]) throws -> [String] {
    let (metadata, _) = try MetadataPolicy.requestMetadata(
      of: headers.map { (name: $0.0, value: $0.1) }, address: "192.0.2.1", scheme: "http", newRequestID: "new")
    return metadata.entries.map { "\($0.name): \($0.value)" }
  }

  @Test(arguments: [
    (("Authorization", "Bearer x"), "authorization: Bearer x"),
    (("X-Custom", "a b"), "x-custom: a b"),
    (("x-custom", ""), "x-custom: "),
    (("Cookie", "a=b; c=d"), "cookie: a=b; c=d"),
    (("X-Tab", "a\tb"), "x-tab: a b"),
    (
      ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ),
    (("Tracestate", "congo=t61rcWkgMzE"), "tracestate: congo=t61rcWkgMzE"),
    (("User-Agent", "curl/8.5.0"), "grpcgateway-user-agent: curl/8.5.0"),
    (("Grpc-Metadata-Tenant", "acme"), "tenant: acme"),
    (("grpc-metadata-x.y-1", "z"), "x.y-1: z"),
    (("Cache-Control", "no-cache"), "cache-control: no-cache"),
    (("Acceptance", "x"), "acceptance: x"),
    (("Contents", "x"), "contents: x"),
    (("Hosts", "x"), "hosts: x"),
    (("X-Server-Timeout", "3"), "x-server-timeout: 3"),
    (("X-Key-Bin", "Zg=="), "x-key-bin: Zg"),
    (("X-Key-Bin", "Zg==, Zm8="), "x-key-bin: Zg,Zm8"),
    (("Grpc-Metadata-Key-Bin", "AAEC"), "key-bin: AAEC"),
    (("Cabin", "!"), "cabin: !"),
  ])
  func crosses(header: (String, String), entry: String) throws {
    #expect(try metadata([header]) == [entry])
  }

  @Test(arguments: [
    "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Trailer",
    "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
    "Content-Type", "Content-Length", "Content-Encoding", "content-anything", "Accept", "Accept-Encoding",
    "Accept-Language", "Expect", "Origin", "Sec-Fetch-Site", "Sec-WebSocket-Key", "Grpc-Timeout", "grpc-status",
    "GRPC-Encoding", "grpc-", ":path", ":authority", "X_Forwarded_For", "X-A_b", "a b", "", "é", "a\r\nb", "x\u{0}",
    "Grpc-Metadata-", "Grpc-Metadata-_x",
    // The prefix does not get around any of it.
    "Grpc-Metadata-Te", "Grpc-Metadata-Connection", "Grpc-Metadata-Host", "Grpc-Metadata-Content-Type",
    "Grpc-Metadata-Grpc-Timeout", "Grpc-Metadata-:path", "Grpc-Metadata-User-Agent", "Grpc-Metadata-X-Forwarded-For",
    "Grpc-Metadata-X-Request-Id", "Grpc-Metadata-Grpc-Metadata-X", "Grpc-Metadata-Transfer-Encoding",
  ])
  func endsHere(name: String) throws {
    #expect(try metadata([(name, "1")]) == [])
    #expect(try metadata([(name.uppercased(), "1")]) == [])
  }

  @Test(arguments: ["a\rb", "a\nb", "a\r\nb: c", "a\u{0}b", "\u{1}", "\u{7F}", "é", "\u{FFFD}"])
  func valuesThatGRPCDoesNotAllowEndHere(value: String) throws {
    #expect(try metadata([("X-A", value), ("User-Agent", value), ("X-B", "b")]) == ["x-b: b"])
  }

  @Test func repeatedHeadersStayApartAndInOrder() throws {
    #expect(try metadata([("B", "1"), ("A", "2"), ("b", "3")]) == ["b: 1", "a: 2", "b: 3"])
  }

  @Test(arguments: ["X-Hop", "keep-alive, x-hop", " x-hop ,close", "a,X-HOP\t,,"])
  func whatConnectionNamesEndsHere(connection: String) throws {
    for headers in [
      [("Connection", connection), ("X-Hop", "1"), ("X-Stay", "2")],
      [("X-Hop", "1"), ("X-Stay", "2"), ("connection", connection)],
      [("Grpc-Metadata-X-Hop", "1"), ("X-Stay", "2"), ("Connection", connection)],
    ] {
      #expect(try metadata(headers) == ["x-stay: 2"])
    }
  }

  @Test func connectionCannotRemoveWhatTheGatewayAdds() throws {
    #expect(
      try all([("Connection", "X-Forwarded-For, X-Request-Id"), ("X-Forwarded-For", "10.0.0.1")]) == [
        "x-forwarded-for: 10.0.0.1, 192.0.2.1", "x-forwarded-proto: http", "x-request-id: new",
      ])
  }

  @Test func forwardedHeadersAreAppended() throws {
    let entries = try all([
      ("Host", "gateway:8080"), ("X-Forwarded-For", "10.0.0.1"), ("x-forwarded-for", "10.0.0.2, 10.0.0.3"),
      ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "api.example"), ("X-Forwarded-Port", "443"),
    ])
    #expect(
      entries == [
        "x-forwarded-port: 443", "x-forwarded-for: 10.0.0.1, 10.0.0.2, 10.0.0.3, 192.0.2.1",
        "x-forwarded-proto: https, http", "x-forwarded-host: api.example, gateway:8080", "x-request-id: new",
      ])
  }

  @Test func aPlainRequestGetsWhatTheGatewayKnows() throws {
    let entries = try all([("Host", "127.0.0.1:8080"), ("User-Agent", "curl/8.5.0"), ("Accept", "*/*")])
    #expect(
      entries == [
        "grpcgateway-user-agent: curl/8.5.0", "x-forwarded-for: 192.0.2.1", "x-forwarded-proto: http",
        "x-forwarded-host: 127.0.0.1:8080", "x-request-id: new",
      ])
  }

  @Test func aCallerWithoutAddressIsNotForwardedFor() {
    var metadata = RequestMetadata()
    _ = metadata.finish(address: nil, scheme: "http", newRequestID: "new")
    #expect(metadata.metadata.entries.map(\.name) == ["x-forwarded-proto", "x-request-id"])
  }

  @Test(arguments: [
    (["given"], "given"), (["given", "second"], "given"), ([""], "new"), (["with space"], "new"),
    (["", "later"], "later"),
    ([String(repeating: "a", count: 128)], String(repeating: "a", count: 128)),
    ([String(repeating: "a", count: 129)], "new"), (["a\nb"], "new"), ([], "new"),
  ])
  func theFirstUsableRequestIDStands(values: [String], identifier: String) throws {
    let (metadata, requestID) = try MetadataPolicy.requestMetadata(
      of: values.map { (name: "X-Request-ID", value: $0) }, address: nil, scheme: "http", newRequestID: "new")
    #expect(requestID == identifier)
    #expect(metadata.entries.filter { $0.name == "x-request-id" }.map(\.value) == [identifier])
  }

  @Test func noIDIsMadeWhenOneIsGiven() throws {
    var metadata = RequestMetadata()
    try metadata.append(name: "x-request-id", value: "given")
    var made = 0
    func make() -> String {
      made += 1
      return "new"
    }
    #expect(metadata.finish(address: nil, scheme: "http", newRequestID: make()) == "given")
    #expect(made == 0)
  }

  @Test(arguments: ["!", "Zg=", "Zg, *", "é"])
  func badBinaryValuesAreTheCallersFault(value: String) {
    var metadata = RequestMetadata()
    var name: String?
    do { try metadata.append(name: "X-Key-BIN", value: value) } catch { name = error.headerName }
    #expect(name == "X-Key-BIN")
  }
}
