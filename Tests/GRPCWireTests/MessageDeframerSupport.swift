import GRPCWire
import NIOCore

/// The bytes whole, one by one, cut in two at every place, and with an empty piece in between.
func everyWay(ofFeeding bytes: [UInt8]) -> [[[UInt8]]] {
  [[bytes], bytes.map { [$0] }, [[], bytes, []]]
    + (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
}

/// Feeds the pieces one after the other and ends the stream.
func deframed(
  _ pieces: [[UInt8]], encoding: MessageEncoding = .identity, maximumMessageBytes: Int = 4 * 1024 * 1024
) throws(MessageFault) -> [[UInt8]] {
  var deframer = MessageDeframer(encoding: encoding, maximumMessageBytes: maximumMessageBytes)
  var messages: [[UInt8]] = []
  for piece in pieces {
    // Bytes before and after the readable ones must not matter.
    var payload = ByteBuffer(bytes: [0xEE, 0xEE] + piece + [0xEE])
    payload.moveReaderIndex(forwardBy: 2)
    payload.moveWriterIndex(to: payload.writerIndex - 1)
    while let message = try deframer.next(from: &payload) { messages.append(Array(message.readableBytesView)) }
    precondition(payload.readableBytes == 0)
  }
  try deframer.finish()
  return messages
}

/// gRPC's framing written down once more, apart from the code under test.
func prefixed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
  let count = message.count
  return [flag] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + message
}
