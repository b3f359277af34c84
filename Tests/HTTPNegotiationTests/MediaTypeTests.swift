import HTTPNegotiation
import Testing

struct MediaTypeTests {
  @Test(arguments: [
    ("application/json", "application/json"),
    ("Application/JSON", "application/json"),
    (" application/json ", "application/json"),
    ("application/json;charset=utf-8", "application/json; charset=utf-8"),
    ("application/json ; Charset=UTF-8", "application/json; charset=UTF-8"),
    ("application/json\t;\tcharset=\"utf-8\"", "application/json; charset=utf-8"),
    ("text/plain;", "text/plain"),
    ("text/plain; ; a=b;", "text/plain; a=b"),
    ("multipart/form-data; boundary=\"a b;,c\"", "multipart/form-data; boundary=\"a b;,c\""),
    ("a/b; c=\"d\\\"e\\\\f\"", "a/b; c=\"d\\\"e\\\\f\""),
    ("a/b; c=\"\"", "a/b; c=\"\""),
    ("application/problem+json", "application/problem+json"),
    ("application/vnd.a.b-c_d+json;v=2", "application/vnd.a.b-c_d+json; v=2"),
  ])
  func isRead(text: String, printed: String) throws {
    let type = try #require(MediaType(parsing: text))
    #expect(type.description == printed)
    #expect(MediaType(parsing: printed) == type)
  }

  @Test(arguments: [
    "", " ", "/", "json", "application/", "/json", "application json", "application/json/x",
    "application/json,text/plain",
    "application/json charset=utf-8", "application/json; charset", "application/json; charset=",
    "application/json; =utf-8",
    "application/json; charset=\"utf-8", "application/json; charset=\"utf-8\"x", "application/json; a=\"\\", "*/*",
    "application/*", "a/b; c=d e", "a/b\r\nc: d", "a/b; c=\"\u{0}\"", "ä/b",
  ])
  func isRefused(text: String) {
    #expect(MediaType(parsing: text) == nil)
  }

  @Test(arguments: [
    ("application/json", true), ("application/json; charset=latin1", true), ("application/problem+json", true),
    ("text/x+json", true), ("application/a+b+json", true), ("text/json", false), ("application/json+xml", false),
    ("application/jsonl", false), ("application/json-seq", false), ("application/x+", false),
    ("application/x-ndjson", false), ("application/+json", true),
  ])
  func knowsWhatIsJSON(text: String, isJSON: Bool) throws {
    #expect(try #require(MediaType(parsing: text)).isJSON == isJSON)
  }

  @Test func findsParametersByName() throws {
    let type = try #require(MediaType(parsing: "a/b; X=1; y=2; x=3"))
    #expect(type.parameter("x") == "1")
    #expect(type.parameter("y") == "2")
    #expect(type.parameter("z") == nil)
    #expect(type.essence == "a/b")
  }
}
