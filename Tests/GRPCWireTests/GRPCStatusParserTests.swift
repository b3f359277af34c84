import GRPCWire
import NIOHPACK
import Testing

struct GRPCStatusParserTests {
  typealias Flaws = GRPCStatusParser.Flaws

  @Test(
    arguments: [
      ([("grpc-status", "0")], GRPCStatus.ok, []),
      ([("grpc-status", "0"), ("grpc-message", "")], .ok, []),
      (
        [("grpc-status", "5"), ("grpc-message", "Order does not exist. : 999")],
        GRPCStatus(code: .notFound, message: "Order does not exist. : 999"), []
      ),
      (
        [("grpc-message", "gr%C3%BC%C3%9Fe"), ("grpc-status", "16")],
        GRPCStatus(code: .unauthenticated, message: "grüße"), []
      ),
      ([("grpc-status", "003")], GRPCStatus(code: .invalidArgument), []),
      (
        [("grpc-status", "13"), ("grpc-status-details-bin", "CAU")],
        GRPCStatus(code: .internal, detailsBin: [8, 5]), []
      ),
      (
        [("grpc-status", "13"), ("grpc-status-details-bin", "CAU=")],
        GRPCStatus(code: .internal, detailsBin: [8, 5]), []
      ),
      // What is wrong is left out and noted.
      ([], GRPCStatus(code: .unknown), .statusMissing),
      ([("grpc-message", "lost")], GRPCStatus(code: .unknown, message: "lost"), .statusMissing),
      ([("grpc-status", "")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "17")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "-1")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "+0")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", " 0")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "0x0")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "OK")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "99999999999999999999999")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "0"), ("grpc-status", "5")], GRPCStatus(code: .unknown), .statusInvalid),
      ([("grpc-status", "5"), ("grpc-status", "5")], GRPCStatus(code: .notFound), []),
      (
        [("grpc-status", "5"), ("grpc-message", "50% of %zz %4")],
        GRPCStatus(code: .notFound, message: "50% of %zz %4"), .messageInvalid
      ),
      (
        [("grpc-status", "5"), ("grpc-message", "a%FFb")],
        GRPCStatus(code: .notFound, message: "a\u{FFFD}b"), .messageInvalid
      ),
      (
        [("grpc-status", "5"), ("grpc-status-details-bin", "not base64!")],
        GRPCStatus(code: .notFound), .detailsInvalid
      ),
    ] as [([(String, String)], GRPCStatus, Flaws)])
  func readsTrailers(trailers: [(String, String)], status: GRPCStatus, flaws: Flaws) {
    var parser = GRPCStatusParser()
    #expect(parser.parse(HPACKHeaders(trailers)) == status)
    #expect(parser.flaws == flaws)
    #expect(GRPCStatus(trailers: HPACKHeaders(trailers)) == status)
  }

  @Test func theHTTPStatusCountsOnlyWithoutAStatus() {
    #expect(GRPCStatus(trailers: [:], httpStatus: 503).code == .unavailable)
    #expect(GRPCStatus(trailers: [:], httpStatus: 200).code == .unknown)
    #expect(GRPCStatus(trailers: ["grpc-status": "0"], httpStatus: 503).code == .ok)
    #expect(GRPCStatus(trailers: ["grpc-status": "x"], httpStatus: 503).code == .unknown)
  }
}

struct PercentEncodedMessageTests {
  @Test(arguments: [
    ("", ""), ("plain text", "plain text"), ("%41", "A"), ("%e2%82%ac", "€"), ("%E2%82%AC", "€"), ("100%25", "100%"),
    ("a%0Ab", "a\nb"), ("%00", "\u{0}"),
  ])
  func decodes(encoded: String, text: String) {
    var isSound = true
    #expect(PercentEncodedMessage.decode(encoded, isSound: &isSound) == text)
    #expect(isSound)
  }

  @Test(arguments: [
    ("%", "%"), ("%4", "%4"), ("%4g", "%4g"), ("%g4", "%g4"), ("%%41", "%A"), ("%4%41", "%4A"), ("50% off", "50% off"),
    ("%-1", "%-1"), ("%80", "\u{FFFD}"), ("%C3", "\u{FFFD}"), ("%C3x", "\u{FFFD}x"), ("%C0%80", "\u{FFFD}\u{FFFD}"),
    ("%ED%A0%80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
  ])
  func toleratesWhatIsWrong(encoded: String, text: String) {
    var isSound = true
    #expect(PercentEncodedMessage.decode(encoded, isSound: &isSound) == text)
    #expect(!isSound)
  }

  @Test(arguments: [
    ("", ""), ("a b~", "a b~"), ("100%", "100%25"), ("grüße\n", "gr%C3%BC%C3%9Fe%0A"), ("\u{7F}\u{0}", "%7F%00"),
  ])
  func encodes(text: String, encoded: String) {
    #expect(PercentEncodedMessage.encode(text) == encoded)
    #expect(PercentEncodedMessage.decode(encoded) == text)
  }

  @Test func everyScalarSurvivesARoundTrip() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2000 {
      let scalars = (0..<8).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0...(Bool.random(using: &random) ? 0x7F : 0x10FFFF), using: &random))
      }
      let text = String(String.UnicodeScalarView(scalars))
      let encoded = PercentEncodedMessage.encode(text)
      #expect(encoded.utf8.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(Array(PercentEncodedMessage.decode(encoded).utf8) == Array(text.utf8))
    }
  }
}
