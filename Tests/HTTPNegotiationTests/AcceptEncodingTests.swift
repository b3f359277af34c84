import HTTPNegotiation
import Testing

struct AcceptEncodingTests {
  @Test(
    arguments: [
      // The absence of the header allows anything; an empty one allows nothing but identity.
      ([], .identity),
      ([""], .identity),
      (["gzip"], .gzip),
      (["GZIP"], .gzip),
      (["x-gzip"], .gzip),
      (["deflate"], .deflate),
      (["gzip, deflate, br, zstd"], .gzip),
      (["deflate, gzip"], .gzip),
      (["deflate, gzip;q=0.9"], .deflate),
      (["deflate", "gzip;q=0.9"], .deflate),
      (["br"], .identity),
      (["identity"], .identity),
      (["gzip;q=0"], .identity),
      (["gzip;q=0, deflate;q=0"], .identity),
      (["gzip;q=0.001"], .gzip),
      (["gzip;q=0.5, identity"], .identity),
      (["gzip;q=0.5, identity;q=0.5"], .gzip),
      (["gzip, identity;q=0.5"], .gzip),
      (["*"], .gzip),
      (["*;q=0.5, identity"], .identity),
      (["*;q=0"], nil),
      (["identity;q=0"], nil),
      (["identity;q=0, br"], nil),
      (["identity;q=0, gzip"], .gzip),
      (["identity;q=0, *"], .gzip),
      (["*;q=0, identity"], .identity),
      (["*;q=0, deflate"], .deflate),
      (["gzip;q=0, *"], .deflate),
      (["gzip;q=0, deflate;q=0, *"], .identity),
      (["gzip;q=nonsense"], .identity),
      (["gzip;q=1.5, deflate;q=0.1"], .deflate),
      ([",, gzip ,"], .gzip),
      (["gzip;q=1.000, deflate;q=1.0"], .gzip),
    ] as [([String], ContentCoding?)])
  func chooses(lines: [String], chosen: ContentCoding?) {
    #expect(AcceptEncoding(parsing: lines).best(of: [.gzip, .deflate]) == chosen)
  }

  @Test func identityMayBeAnOfferOfItsOwnRank() {
    #expect(AcceptEncoding(parsing: ["*"]).best(of: [.identity, .gzip]) == .identity)
    #expect(AcceptEncoding(parsing: ["gzip"]).best(of: []) == .identity)
    #expect(AcceptEncoding(parsing: ["identity;q=0"]).best(of: []) == nil)
  }
}
