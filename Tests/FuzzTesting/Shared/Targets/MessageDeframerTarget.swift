import GRPCWire
import NIOCore

/// The first byte chooses the encoding and the limit, the second the cuts; the rest is the stream.
///
/// However the stream is cut, the messages and the fault are the same; no message is over the limit; and what
/// was deframed, framed again, deframes to the same.
enum MessageDeframerTarget {
  private struct Outcome: Equatable {
    var messages: [ByteBuffer] = []
    var fault: MessageFault.Code?
  }

  static func run(_ bytes: [UInt8]) throws {
    guard bytes.count >= 2 else { return }
    let encoding = MessageEncoding.allCases[Int(bytes[0] & 3) % 3]
    let limit = bytes[0] & 4 == 0 ? 64 : 100_000
    var cuts = Cuts(seed: bytes[1])
    let whole = outcome([Array(bytes[2...])], encoding, limit)
    let cut = outcome(cuts.pieces(of: bytes[2...]), encoding, limit)
    try require(whole == cut, "cut: \(cut), whole: \(whole)")
    try require(whole.messages.allSatisfy { $0.readableBytes <= limit }, "a message is over the limit")

    var framer = MessageFramer(encoding: encoding, minimumCompressedBytes: 1)
    var buffer = ByteBuffer()
    for message in whole.messages { try framer.write(message.readableBytesSpan, into: &buffer) }
    let again = outcome([Array(buffer.readableBytesView)], encoding, limit)
    try require(again == Outcome(messages: whole.messages), "framed again: \(again)")
  }

  private static func outcome(_ pieces: [[UInt8]], _ encoding: MessageEncoding, _ limit: Int) -> Outcome {
    var deframer = MessageDeframer(encoding: encoding, maximumMessageBytes: limit)
    var outcome = Outcome()
    do {
      for piece in pieces {
        var payload = ByteBuffer(bytes: piece)
        while let message = try deframer.next(from: &payload) { outcome.messages.append(message) }
      }
      try deframer.finish()
    } catch {
      outcome.fault = error.code
    }
    return outcome
  }
}
