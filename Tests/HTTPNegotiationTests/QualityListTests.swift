import HTTPNegotiation
import Testing

struct QualityListTests {
  @Test(arguments: [
    ("a", 1000), ("a;q=1", 1000), ("a;q=1.", 1000), ("a;q=1.000", 1000), ("a;q=0", 0), ("a;q=0.", 0), ("a;q=0.5", 500),
    ("a;q=0.05", 50), ("a;q=0.005", 5), ("a;q=0.0005", 0), ("a;q=0.999", 999), ("a ; q=0.25", 250),
    ("a;q=\"0.5\"", 500), ("a;x=y;q=0.5;z=1", 500),
  ])
  func readsWeights(text: String, weight: Int) {
    #expect(QualityList(parsing: [text]).elements.map(\.weight) == [weight])
  }

  @Test(arguments: [
    "a;q=", "a;q", "a;q=.5", "a;q=2", "a;q=1.1", "a;q=-1", "a;q=+1", "a;q=1e0", "a;q= 0.5", "a;q=0.5x",
    "a;q=00", "/a", "a/", "a/b/c", "a b", "\"a\"", "a;x=\"", "(a)",
  ])
  func leavesOutWhatIsNotOfTheGrammar(text: String) {
    let values = QualityList(parsing: [text, "good"]).elements.map(\.value)
    #expect(values == ["good"])
  }

  @Test func keepsTheOrderAndTheParametersBeforeTheWeight() {
    let list = QualityList(parsing: ["B/c;x=Y;q=0.1;z=1, a", "d;e=\"f,g\""])
    #expect(list.elements.map(\.value) == ["b/c", "a", "d"])
    #expect(list.elements[0].parameters == [MediaType.Parameter(name: "x", value: "Y")])
    #expect(list.elements[2].parameters == [MediaType.Parameter(name: "e", value: "f,g")])
  }

  @Test(arguments: ["\"", "a;b=\"", ",", "a;b=\"c\",", "\\,\"", ";;;;"])
  func aLongHostileLineIsReadInLinearTime(piece: String) {
    // Quadratic would be 10^10 steps here.
    let line = String(repeating: piece, count: 100_000 / piece.utf8.count)
    #expect(QualityList(parsing: [line]).elements.count <= 100_000)
  }
}
