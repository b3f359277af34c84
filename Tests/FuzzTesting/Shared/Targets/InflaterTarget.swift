import Compression

/// The first byte chooses the format and the limit, the second the cuts; the rest is compressed data.
///
/// However it is cut, the text or the kind of fault is the same and the limit holds. What can be inflated can
/// be deflated and inflated again, and so can the input itself.
enum InflaterTarget {
  private struct Outcome: Equatable {
    var text: [UInt8] = []
    var fault: CompressionFault.Code?
  }

  static func run(_ bytes: [UInt8]) throws {
    guard bytes.count >= 2 else { return }
    let format: CompressionFormat = [.gzip, .zlib, .zlibOrRaw, .gzip][Int(bytes[0] & 3)]
    let limit = bytes[0] & 4 == 0 ? 64 : 1 << 20
    var cuts = Cuts(seed: bytes[1])
    let data = Array(bytes[2...])
    let whole = try outcome([data], format, limit)
    let cut = try outcome(cuts.pieces(of: data[...]), format, limit)
    try require(whole == cut, "cut: \(cut), whole: \(whole)")
    try require(whole.text.count <= limit, "\(whole.text.count) bytes pass the limit of \(limit)")
    try roundTrip(data, format, &cuts)
    if whole.fault == nil { try roundTrip(whole.text, format, &cuts) }
  }

  private static func outcome(_ pieces: [[UInt8]], _ format: CompressionFormat, _ limit: Int) throws -> Outcome {
    var inflater = try Inflater(format, maximumBytes: limit)
    var outcome = Outcome()
    do {
      for piece in pieces { try inflater.inflate(piece.span.bytes, appendingTo: &outcome.text) }
      try inflater.finish()
    } catch {
      // How much came out before a fault depends on the cuts.
      return Outcome(fault: error.code)
    }
    return outcome
  }

  private static func roundTrip(_ text: [UInt8], _ format: CompressionFormat, _ cuts: inout Cuts) throws {
    var deflater = try Deflater(format, level: Int32(1 + cuts.next(below: 9)))
    var data: [UInt8] = []
    for piece in cuts.pieces(of: text[...]) {
      deflater.deflate(piece.span.bytes, flush: cuts.next(below: 2) == 0 ? .none : .sync, appendingTo: &data)
    }
    let nothing: [UInt8] = []
    deflater.deflate(nothing.span.bytes, flush: .finish, appendingTo: &data)
    let again = try outcome([data], format, .max)
    try require(again == Outcome(text: text), "deflated and inflated: \(again)")
  }
}
