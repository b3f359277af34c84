/// The answer of `updateOrders`: `Orders processed Updated Order IDs : 101, 102, `.
///
/// Each id is listed as often as it was sent, until the text has reached `maximumBytes`; of the rest only
/// the number is told (`… 998, and 12 more`). A gRPC message may have 4 MiB by default, and a
/// stream of a million orders would answer with more.
struct UpdateSummary {
  static let maximumBytes = 1 << 20

  private(set) var text = "Orders processed Updated Order IDs : "
  private var unlisted = 0
  private var bytes = 0

  init() {
    bytes = text.utf8.count
  }

  mutating func add(id: String) {
    let size = id.utf8.count + 2
    guard unlisted == 0, bytes + size <= Self.maximumBytes else {
      unlisted += 1
      return
    }
    bytes += size
    text += id
    text += ", "
  }

  mutating func finish() -> String {
    if unlisted > 0 { text += "and \(unlisted) more" }
    return text
  }
}
