/// Finds the name that was probably meant.
package enum NearMiss {
  /// Names and candidates longer than this are not compared, so that a caller's megabyte-long key costs nothing.
  package static let maximumLength = 64

  /// The nearest candidate: equal but for case and underscores, or at most a third of its letters away.
  package static func nearest(to name: String, among candidates: [String]) -> String? {
    guard name.utf8.count <= maximumLength else { return nil }
    let folded = fold(name)
    guard !folded.isEmpty else { return nil }
    var best: String?
    var bestDistance = Int.max
    for candidate in candidates where candidate.utf8.count <= maximumLength {
      let other = fold(candidate)
      let allowed = max(folded.count, other.count) / 3
      guard abs(other.count - folded.count) <= allowed else { continue }
      let distance = editDistance(folded, other)
      if distance <= allowed, distance < bestDistance {
        best = candidate
        bestDistance = distance
      }
    }
    return best
  }

  private static func fold(_ name: String) -> [UInt8] {
    name.utf8.compactMap { byte in
      if byte == UInt8(ascii: "_") { return nil }
      return byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [Int](repeating: i + 1, count: b.count + 1)
      for j in b.indices {
        let substitution = last[j] + (a[i] == b[j] ? 0 : 1)
        row[j + 1] = min(substitution, last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
        }
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
