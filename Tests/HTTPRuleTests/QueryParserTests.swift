import HTTPRule
import Testing

@Suite struct QueryParserTests {
  static func parameters(_ query: String) -> [String] {
    let bytes = Array(query.utf8)
    var parser = QueryParser()
    var found: [String] = []
    while let parameter = parser.next(in: bytes.span.bytes) {
      let name = String(decoding: bytes[parameter.name], as: UTF8.self)
      let value = String(decoding: bytes[parameter.value], as: UTF8.self)
      found.append("\(name)|\(value)")
    }
    return found
  }

  @Test(arguments: [
    ("", []),
    ("a=1", ["a|1"]),
    ("a=1&b=2", ["a|1", "b|2"]),
    ("a", ["a|"]),
    ("a=", ["a|"]),
    ("=1", ["|1"]),
    ("=", ["|"]),
    ("a=1=2", ["a|1=2"]),
    ("&&a=1&&b&", ["a|1", "b|"]),
    ("a=1;b=2", ["a|1;b=2"]),
    ("m[k]=v&m%5Bk%5D=%20+", ["m[k]|v", "m%5Bk%5D|%20+"]),
    ("a?b=c#d", ["a?b|c#d"]),
  ])
  func pairsAreSplit(_ query: String, _ expected: [String]) {
    #expect(Self.parameters(query) == expected)
  }

  @Test func aThousandsOfParametersAreLinear() {
    #expect(Self.parameters(String(repeating: "a=1&", count: 10_000)).count == 10_000)
    #expect(Self.parameters(String(repeating: "&", count: 100_000)).isEmpty)
    #expect(Self.parameters(String(repeating: "=", count: 100_000)).count == 1)
  }
}
