internal import ProtobufSchema

/// A comment of a `.proto` file as documentation.
///
/// The space behind `//` goes, and so do remarks in `(-- … --)`, which are for the proto's authors (AIP-192).
struct CommentText {
  let whole: String

  init(_ comment: String) {
    let lines = Self.withoutRemarks(comment).split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in
        let text = line.first == " " ? line.dropFirst() : line
        return String(text.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
      }
    let start = lines.firstIndex { !$0.isEmpty } ?? lines.endIndex
    let end = lines.lastIndex { !$0.isEmpty } ?? lines.startIndex
    whole = start < lines.endIndex ? lines[start...end].joined(separator: "\n") : ""
  }

  var isEmpty: Bool { whole.isEmpty }

  /// The first paragraph as one line, if it is short enough to be a heading.
  var summary: String? {
    guard let paragraph = paragraphs.first, !paragraph.isEmpty else { return nil }
    let line = paragraph.replacing("\n", with: " ")
    guard line.count <= Self.maximumSummary else { return nil }
    return line.hasSuffix(".") && !line.dropLast().contains(". ") ? String(line.dropLast()) : line
  }

  /// What the summary does not say.
  var description: String {
    summary == nil ? whole : paragraphs.dropFirst().joined(separator: "\n\n")
  }

  /// Longer than this is a text, not a heading.
  private static let maximumSummary = 100

  private var paragraphs: [String] { whole.split(separator: "\n\n").map(String.init) }

  private static func withoutRemarks(_ comment: String) -> String {
    var text = ""
    var rest = comment[...]
    while let start = rest.firstRange(of: "(--") {
      text += rest[..<start.lowerBound]
      rest = rest[start.upperBound...].firstRange(of: "--)").map { rest[$0.upperBound...] } ?? ""
    }
    return text + rest
  }
}

extension FieldSchema {
  /// The field's comment. Those inside of the well-known types explain their fields, which JSON does not show.
  var documentation: String { containingMessage.wellKnown == nil ? CommentText(comments).whole : "" }
}
