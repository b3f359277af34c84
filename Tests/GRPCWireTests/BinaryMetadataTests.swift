import GRPCWire
import Testing

struct BinaryMetadataTests {
  /// RFC 4648 section 10, with and without padding.
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"),
  ])
  func isAsInRFC4648(text: String, encoded: String) {
    let bytes = Array(text.utf8)
    #expect(BinaryMetadata.encode(bytes) == encoded)
    #expect(BinaryMetadata.decode(encoded) == bytes)
    let padding = String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
    #expect(BinaryMetadata.decode(encoded + padding) == bytes)
  }

  @Test(arguments: [
    "Z", "Zg=", "Zg===", "Zm8==", "Zm9v=", "Zm9vY", "=", "====", "Zg==Zg==", "Z=g=", "Zm-_", "Zm 8", "Zm8\n", "Zmé",
    "Zm\u{0}8", "Zg==,",
  ])
  func isRefused(text: String) {
    #expect(BinaryMetadata.decode(text) == nil)
  }

  @Test func allBytesSurviveARoundTrip() {
    #expect(BinaryMetadata.decode("+/+/") == [0xFB, 0xFF, 0xBF])
    var random = SeededGenerator(seed: 5)
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(BinaryMetadata.decode(BinaryMetadata.encode(bytes)) == bytes)
    }
  }

  @Test(
    arguments: [
      ("", [[]]), ("Zg", [[102]]), ("Zg==,Zm8=", [[102], [102, 111]]), ("Zg== , Zm8", [[102], [102, 111]]),
      ("Zg,,Zg", [[102], [], [102]]), (",", [[], []]), ("\tZg \t", [[102]]),
    ] as [(String, [[UInt8]])])
  func readsLists(text: String, values: [[UInt8]]) {
    #expect(BinaryMetadata.decodeList(text) == values)
  }

  @Test(
    arguments: [
      ("Zg==", "Zg"), ("Zg==, Zm8=", "Zg,Zm8"), ("Zh==", "Zg"), ("", ""), ("Zg, !", nil), ("Z g", nil),
    ] as [(String, String?)])
  func normalizes(text: String, normalized: String?) {
    #expect(BinaryMetadata.normalize(text) == normalized)
  }
}
