import Foundation
import Testing

@testable import OrderService

@Suite struct SearchTextTests {
  @Test(
    arguments: [
      ([], nil), ([""], "\u{1F}"), (["a"], "a\u{1F}"), (["a", "", "b"], "a\u{1F}\u{1F}b\u{1F}"),
    ] as [([String], String?)])
  func eachItemIsFollowedByTheSeparator(items: [String], text: String?) {
    #expect(SearchText.joined(items) == text.map { Data($0.utf8) })
  }

  @Test(
    arguments: [
      ("", nil), ("ab", nil), ("é€", nil), ("abc", "\"abc\""), ("abcd", "\"abc\" AND \"bcd\""),
      ("a\"b", "\"a\"\"b\""), ("a\u{0}b", "\"a\u{1}b\""), ("😀é€", "\"😀é€\""), ("***", "\"***\""),
    ] as [(String, String?)])
  func theExpressionHoldsTheTrigrams(query: String, expression: String?) {
    #expect(SearchText.indexExpression(for: query) == expression)
  }

  @Test func aLongQueryAsksForABoundedNumberOfTrigrams() throws {
    let expression = try #require(SearchText.indexExpression(for: String(repeating: "abc", count: 100_000)))
    let terms = expression.components(separatedBy: " AND ")
    #expect(terms.count <= SearchText.maximumTrigrams && terms.count > SearchText.maximumTrigrams / 2)
  }
}
