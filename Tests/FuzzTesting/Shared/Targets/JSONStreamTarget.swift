import ProtobufJSON

/// The first byte chooses the form and the limit, the second the cuts; the rest is a stream of JSON values.
///
/// However the stream is cut, the values and the fault are the same, and no value is over the limit.
enum JSONStreamTarget {
  private struct Outcome: Equatable {
    var values: [[UInt8]] = []
    var fault: JSONStreamFault?
  }

  static func run(_ bytes: [UInt8]) throws {
    guard bytes.count >= 2 else { return }
    let form: JSONStreamFramer.Form = [.concatenated, .array, .sequence, .arrayOrConcatenated][Int(bytes[0] & 3)]
    let limit = bytes[0] & 4 == 0 ? 16 : 1 << 20
    var cuts = Cuts(seed: bytes[1])
    let whole = outcome([Array(bytes[2...])], form, limit)
    let cut = outcome(cuts.pieces(of: bytes[2...]), form, limit)
    try require(whole == cut, "cut: \(cut), whole: \(whole)")
    try require(whole.values.allSatisfy { !$0.isEmpty && $0.count <= limit }, "a value is over the limit")
  }

  private static func outcome(_ pieces: [[UInt8]], _ form: JSONStreamFramer.Form, _ limit: Int) -> Outcome {
    var framer = JSONStreamFramer(form: form, maximumValueSize: limit)
    var outcome = Outcome()
    var buffer: [UInt8] = []
    do throws(JSONStreamFault) {
      for piece in pieces {
        buffer += piece
        while let value = try framer.next(in: buffer.span.bytes) { outcome.values.append(Array(buffer[value])) }
        buffer.removeFirst(framer.discard())
      }
      if let value = try framer.finish(in: buffer.span.bytes) { outcome.values.append(Array(buffer[value])) }
    } catch {
      outcome.fault = error
    }
    return outcome
  }
}
