import GRPCWire
import NIOHPACK
import Testing

struct ResponseMetadataTests {
  private func headers(_ metadata: [(String, String)], _ position: MetadataPolicy.Position) -> [String] {
    var headers: [String] = []
    MetadataPolicy.forEachHTTPHeader(of: HPACKHeaders(metadata), position) { headers.append("\($0): \($1)") }
    return headers
  }

  @Test func initialAndTrailingMetadataHaveTheirPrefixes() {
    let metadata = [("x-a", "1"), ("x-b-bin", "Zg=="), ("x-a", "2"), ("x-c", "")]
    #expect(
      headers(metadata, .initial) == [
        "Grpc-Metadata-x-a: 1", "Grpc-Metadata-x-b-bin: Zg==", "Grpc-Metadata-x-a: 2", "Grpc-Metadata-x-c: ",
      ])
    #expect(headers(metadata, .trailing).first == "Grpc-Trailer-x-a: 1")
  }

  @Test func whatBelongsToTheProtocolStaysBehind() {
    let metadata = [
      (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0"), ("grpc-message", "x"),
      ("grpc-status-details-bin", "CAU"), ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip"),
      ("te", "trailers"),
    ]
    for position in [MetadataPolicy.Position.initial, .trailing] {
      #expect(headers(metadata, position) == [])
    }
  }

  @Test(arguments: ["a\rb", "a\nb", "a\r\nSet-Cookie: x=y", "\u{0}", "a\u{0}b", "\u{1B}", "\u{7F}"])
  func valuesWithControlCharactersStayBehind(value: String) {
    #expect(headers([("x-a", value), ("x-b", "b")], .initial) == ["Grpc-Metadata-x-b: b"])
  }

  @Test(arguments: ["x_a", "x a", "", "x\r\na", "x:a", "x\u{0}", "é"])
  func namesThatAreNotPlainStayBehind(name: String) {
    #expect(headers([(name, "1")], .trailing) == [])
  }

  @Test func tabsAndOtherScriptsCross() {
    #expect(headers([("x-a", "a\tgrüße")], .initial) == ["Grpc-Metadata-x-a: a\tgrüße"])
  }
}
