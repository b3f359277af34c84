import JSONTree

/// The input is a JSON document.
///
/// What is accepted is written as a document that is accepted again and written the same.
enum JSONTreeTarget {
  static func run(_ bytes: [UInt8]) throws {
    guard let tree = try? JSONTree(parsing: bytes) else { return }
    let written = tree.serialized()
    do {
      let again = try JSONTree(parsing: written).serialized()
      try require(again == written, "written as \(written), then as \(again)")
    } catch let error as JSONTreeError {
      throw FuzzFinding(description: "what was written is refused: \(error)")
    }
    _ = tree.serialized(pretty: true)
  }
}
