import HTTPNegotiation
import Testing

struct AcceptTests {
  static let offers = [
    MediaType("application", "x-ndjson"), MediaType("application", "jsonl"), MediaType("application", "json"),
    MediaType("text", "event-stream"), MediaType("application", "json-seq"),
  ]

  @Test(
    arguments: [
      // Nothing said, or nothing that can be read.
      ([], "application/x-ndjson"),
      ([""], "application/x-ndjson"),
      ([" , ,"], "application/x-ndjson"),
      (["garbage"], "application/x-ndjson"),
      (["*/json"], "application/x-ndjson"),
      // Ranges.
      (["*/*"], "application/x-ndjson"),
      (["application/*"], "application/x-ndjson"),
      (["text/*"], "text/event-stream"),
      (["application/json"], "application/json"),
      (["APPLICATION/JSON"], "application/json"),
      (["application/jsonl"], "application/jsonl"),
      (["application/json-seq"], "application/json-seq"),
      (["image/png"], nil),
      (["text/html"], nil),
      (["*"], "application/x-ndjson"),
      // Weights.
      (["application/json;q=0.9, text/event-stream"], "text/event-stream"),
      (["application/json;q=0.9, text/event-stream;q=0.8"], "application/json"),
      (["application/json; q=0.5, */*; q=0.1"], "application/json"),
      (["application/json, */*;q=0.1"], "application/json"),
      (["application/json;q=0.1, */*;q=0.5"], "application/x-ndjson"),
      (["application/json;Q=0"], nil),
      (["*/*;q=0"], nil),
      (["*/*;q=0.000"], nil),
      (["application/*;q=0, */*"], "text/event-stream"),
      (["application/x-ndjson;q=0, application/jsonl;q=0, */*"], "application/json"),
      (["*/*, application/json;q=0.001"], "application/x-ndjson"),
      // Equal weights: what is named more closely, then the order of the offers, not of the header.
      (["application/json, application/x-ndjson"], "application/x-ndjson"),
      (["text/event-stream, application/json"], "application/json"),
      (["application/json, text/plain, */*"], "application/json"),
      (["*/*, text/event-stream"], "text/event-stream"),
      (["application/*, application/json"], "application/json"),
      (["text/*, */*"], "text/event-stream"),
      (["application/json;q=0.5, */*;q=0.5"], "application/json"),
      (["application/json, text/event-stream;charset=utf-8, */*"], "application/json"),
      // Several lines are one list.
      (["text/html", "application/json;q=0.2", "text/event-stream;q=0.3"], "text/event-stream"),
      // Parameters.
      (["application/json;charset=utf-8"], "application/json"),
      (["application/json; charset=\"UTF-8\""], "application/json"),
      (["application/json;indent=4"], nil),
      (["application/json;indent=4, application/json;q=0.1"], "application/json"),
      (["application/json;q=0.3;ext=1"], "application/json"),
      (["a/b;c=\"x, application/json\""], nil),
      (["a/b;c=\"\\\", application/json\", text/*"], "text/event-stream"),
      // Elements that are not of the grammar do not count, the others do.
      (["application/json;q=2, text/event-stream"], "text/event-stream"),
      (["application/json;q=x, text/event-stream;q=0.1"], "text/event-stream"),
      (["application/json;q=1.001, text/event-stream"], "text/event-stream"),
      (["application/json q=1, text/event-stream"], "text/event-stream"),
      (["/, application/json"], "application/json"),
      (["application/json;a=\"unclosed, text/event-stream"], "application/x-ndjson"),
      // More than three digits.
      (["application/json;q=0.12345, text/event-stream;q=0.1239"], "application/json"),
      (["application/json;q=1.0000000"], "application/json"),
      // What a browser sends.
      (["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], "application/x-ndjson"),
    ] as [([String], String?)])
  func chooses(lines: [String], chosen: String?) {
    let accept = Accept(parsing: lines)
    #expect(accept.best(of: Self.offers).map { Self.offers[$0].essence } == chosen)
  }

  @Test func theMostSpecificRangeGivesTheWeight() {
    // The example of RFC 9110 section 12.5.1.
    let accept = Accept(parsing: [
      "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
    ])
    func weight(_ text: String) -> Int? { MediaType(parsing: text).map(accept.weight(of:)) }
    #expect(weight("text/plain;format=flowed") == 1000)
    #expect(weight("text/plain") == 700)
    #expect(weight("text/html") == 300)
    #expect(weight("image/jpeg") == 500)
    #expect(weight("text/plain;format=fixed") == 400)
    #expect(weight("text/html;level=3") == 300)
  }

  @Test func thereIsNothingToChooseFromNothing() {
    #expect(Accept(parsing: []).best(of: []) == nil)
    #expect(Accept(parsing: ["*/*"]).best(of: []) == nil)
  }

  @Test func knowsWhenNothingIsSaid() {
    #expect(Accept(parsing: []).isAnything)
    #expect(Accept(parsing: [","]).isAnything)
    #expect(!Accept(parsing: ["*/*;q=0"]).isAnything)
  }
}
