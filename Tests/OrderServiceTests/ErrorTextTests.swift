import Testing

@testable import OrderService

@Suite struct ErrorTextTests {
  @Test(arguments: [
    ("", ""), ("101", "101"),
    (String(repeating: "x", count: 1024), String(repeating: "x", count: 1024)),
    (String(repeating: "x", count: 1025), String(repeating: "x", count: 1024) + "…"),
    (String(repeating: "é", count: 513), String(repeating: "é", count: 512) + "…"),
    ("x" + String(repeating: "é", count: 513), "x" + String(repeating: "é", count: 511) + "…"),
  ])
  func isCutAtACharacter(text: String, quoted: String) {
    #expect(Array(ErrorText.quoting(text).utf8) == Array(quoted.utf8))
  }
}
