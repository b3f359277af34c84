/// Keeps what a caller sent within bounds where it is told back in a status message.
///
/// The message travels in a header, percent-encoded to three times its length; a peer that limits its
/// headers, usually to 8 or 16 KiB, closes the whole connection over a longer one.
enum ErrorText {
  static let maximumBytes = 1024

  /// The text, cut at a character after `maximumBytes`.
  static func quoting(_ text: String) -> String {
    guard text.utf8.count > maximumBytes else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: maximumBytes)
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
      end = text.utf8.index(before: end)
    }
    return text[..<end] + "…"
  }
}
