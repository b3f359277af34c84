import Testing

@testable import OpenAPI

@Suite struct CommentTextTests {
  @Test(arguments: [
    (" One line.\n", "One line", ""),
    (" Two\n lines.\n", "Two lines", ""),
    (" A heading.\n\n Then a text\n of two lines.\n", "A heading", "Then a text\nof two lines."),
    (" One. Two.\n", "One. Two.", ""),
    (" (-- for us --)\n For all.\n", "For all", ""),
    (" For all. (-- never closed", "For all", ""),
    ("No space.", "No space", ""),
  ])
  func firstParagraphIsTheSummary(comment: String, summary: String, description: String) {
    #expect(CommentText(comment).summary == summary)
    #expect(CommentText(comment).description == description)
  }

  @Test func longParagraphsAreNoSummary() {
    let text = String(repeating: "word ", count: 30) + "end."
    #expect(CommentText(text).summary == nil)
    #expect(CommentText(text).description == text)
  }

  @Test func nothingIsEmpty() {
    #expect(CommentText("").isEmpty)
    #expect(CommentText(" \n\n").isEmpty)
    #expect(CommentText("").summary == nil)
  }
}
