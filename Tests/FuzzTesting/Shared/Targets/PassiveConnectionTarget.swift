import GRPCWire
import HTTP2
import NIOCore
import ProtobufJSON

/// The first byte chooses the direction, the second the cuts; the rest is what one side of a connection sends.
///
/// However the bytes are cut, an observer sees the same frames, header lists and messages, keeps no more than it may, and
/// can put every message into words.
enum PassiveConnectionTarget {
  private static let maximumFrameBytes = 512
  private static let maximumMessageBytes = 256

  private struct Outcome: Equatable {
    var frames: [ObservedFrame] = []
    var lists: [HeaderList] = []
    var messages: [MessageObserver.Observed] = []
    var opaque: [UInt8] = []
  }

  static func run(_ bytes: [UInt8]) throws {
    guard bytes.count >= 2 else { return }
    let isClient = bytes[0] & 1 == 0
    var cuts = Cuts(seed: bytes[1])
    let whole = try outcome([Array(bytes[2...])], isClient)
    let cut = try outcome(cuts.pieces(of: bytes[2...]), isClient)
    try require(whole == cut, "cut: \(cut), whole: \(whole)")
    for message in whole.messages {
      guard let bytes = message.bytes else { continue }
      var output = OutputBuffer()
      let printer = FieldTextPrinter(schema: FuzzSchema.schema, maximumOutputBytes: 4096)
      _ = printer.print(bytes.readableBytesSpan, as: FuzzSchema.message(UInt8(message.length & 0xFF)), into: &output)
      _ = printer.print(bytes.readableBytesSpan, as: nil, into: &output)
    }
  }

  private static func outcome(_ pieces: [[UInt8]], _ isClient: Bool) throws -> Outcome {
    var reader = PassiveFrameReader(expectsPreface: isClient, maximumFrameBytes: maximumFrameBytes)
    var headers = HeaderBlockReader(limits: ConnectionLimits())
    var isLost = false
    var observers: [StreamID: MessageObserver] = [:]
    var outcome = Outcome()
    for piece in pieces {
      reader.append(ByteBuffer(bytes: piece))
      while let event = reader.next() {
        switch event {
        case .preface: break
        case .opaque(let bytes): outcome.opaque += Array(bytes.readableBytesView)
        case .data(let stream, var data):
          while let message = observers[stream, default: MessageObserver()].next(
            from: &data, keepingUpTo: maximumMessageBytes)
          {
            outcome.messages.append(message)
          }
        case .frame(let frame):
          try require(frame.octets.readableBytes <= maximumFrameBytes, "\(frame.octets.readableBytes) octets are kept")
          outcome.frames.append(frame)
          guard case .frame(.headers(let block)) = frame.content, !isLost else { continue }
          do throws(ConnectionFault) {
            if let list = try headers.headers(block.fragment, isComplete: block.endHeaders) {
              outcome.lists.append(list)
            }
          } catch {
            isLost = true
          }
        }
      }
      try require(reader.bufferedBytes <= 2 * maximumFrameBytes, "\(reader.bufferedBytes) bytes are kept")
    }
    return outcome
  }
}
