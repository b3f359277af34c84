/// Lengths of long nested messages, for which one byte was left and more are needed.
///
/// Moving a long message for every level around it would cost depth times size; these are moved once, at the end.
/// Whatever encloses a message that is noted here is at least as long and noted too, so no noted place moves before.
struct LengthGaps {
  /// Shorter contents are moved at once: that is cheaper than keeping book.
  static let threshold = 4096

  private struct Gap {
    var position: Int
    var length: Int
    var extra: Int
  }

  private var gaps: [Gap] = []
  /// How many bytes will be put in altogether.
  private(set) var owed = 0

  mutating func add(at position: Int, length: Int, extra: Int) {
    gaps.append(Gap(position: position, length: length, extra: extra))
    owed += extra
  }

  /// Whether the length at this place was the last to be noted, and its content therefore did not move.
  func isLast(_ position: Int) -> Bool { gaps.last?.position == position }

  /// Opens all gaps, from the last to the first, and writes the lengths.
  mutating func open(in buffer: inout OutputBuffer) {
    if gaps.isEmpty { return }
    gaps.sort { $0.position < $1.position }
    var end = buffer.count
    buffer.reserve(owed)
    buffer.commit(owed)
    let base = buffer.pointer(at: 0)
    var shift = owed
    for gap in gaps.reversed() {
      let content = gap.position + 1
      (base + content + shift).update(from: base + content, count: end - content)
      shift -= gap.extra
      OutputBuffer.storeVarint(UInt64(gap.length), at: base + gap.position + shift)
      end = gap.position
    }
  }
}
