import HTTPNegotiation
import Testing

struct ContentCodingTests {
  @Test(
    arguments: [
      ([], []),
      ([""], []),
      (["identity"], []),
      (["gzip"], [.gzip]),
      (["X-GZip"], [.gzip]),
      (["Deflate"], [.deflate]),
      (["deflate, gzip"], [.deflate, .gzip]),
      (["deflate", "gzip"], [.deflate, .gzip]),
      ([" , gzip ,, identity,"], [.gzip]),
      (["br"], nil),
      (["gzip, br"], nil),
      (["gzip;q=1"], nil),
      (["gzip deflate"], nil),
      (["\"gzip\""], nil),
    ] as [([String], [ContentCoding]?)])
  func readsTheCodingsOfABody(lines: [String], codings: [ContentCoding]?) {
    #expect(ContentCoding.list(parsing: lines) == codings)
  }
}
