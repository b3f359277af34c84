import NIOCore

@testable import HTTP2

extension FrameReader {
  /// Every frame in the bytes, DATA pieces joined.
  static func frames(
    in bytes: ByteBuffer, expecting opening: Opening = .settings, chunks: [Int]? = nil
  ) throws(ConnectionFault) -> [Frame] {
    var reader = FrameReader(expecting: opening)
    var frames: [Frame] = []
    var rest = bytes
    var open: DataFrame?
    for size in chunks ?? [bytes.readableBytes] {
      reader.append(rest.readSlice(length: min(size, rest.readableBytes)) ?? ByteBuffer())
      while let frame = try reader.next() {
        guard case .data(let piece) = frame else {
          frames.append(frame)
          continue
        }
        var whole = open ?? piece
        if open != nil {
          whole.payload.writeImmutableBuffer(piece.payload)
          whole.flowControlledBytes += piece.flowControlledBytes
          whole.endStream = piece.endStream
          whole.isLastPiece = piece.isLastPiece
        }
        open = piece.isLastPiece ? nil : whole
        if piece.isLastPiece { frames.append(.data(whole)) }
      }
    }
    return frames
  }
}

extension HTTP2ClientConnectionStateMachine {
  /// Takes what was written, as frames; the preface has to be gone.
  mutating func takeFrames() throws -> [Frame] {
    var reader = FrameReader(expecting: .anything)
    reader.append(outbound)
    outboundTaken()
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
  }

  /// A connection whose SETTINGS have been exchanged, with nothing left in `outbound`.
  static func ready(
    limits: ConnectionLimits = ConnectionLimits(), _ settings: [SettingsFrame.Parameter] = []
  ) -> HTTP2ClientConnectionStateMachine {
    var machine = HTTP2ClientConnectionStateMachine(limits: limits)
    machine.connected()
    _ = machine.settingsReceived(SettingsFrame(settings), at: .uptimeNanoseconds(0))
    _ = machine.settingsReceived(.acknowledgement, at: .uptimeNanoseconds(0))
    machine.outboundTaken()
    return machine
  }

  /// Opens a stream and forgets its HEADERS.
  mutating func opened() -> StreamID {
    guard case .opened(let id) = open(testHead) else { return .connection }
    outboundTaken()
    return id
  }

  mutating func send(_ bytes: [UInt8], endStream: Bool = false, on id: StreamID) -> SendAction {
    send(bytes.span.bytes, RawSpan(), endStream: endStream, on: id)
  }
}

let testHead = RequestHead([
  (":method", "POST"), (":scheme", "http"), (":path", "/order.OrderManagement/getOrder"), (":authority", "a:1"),
])

typealias Machine = HTTP2ClientConnectionStateMachine

/// A peer's header blocks, written without the dynamic table, so that their order does not matter.
func block(_ fields: [(String, String)]) -> ByteBuffer {
  LiteralFields(fields).block
}

func headers(_ id: StreamID, _ fields: [(String, String)], endStream: Bool = false) -> HeadersFrame {
  HeadersFrame(streamID: id, fragment: block(fields), endStream: endStream)
}

let ok = [(":status", "200"), ("content-type", "application/grpc")]
let now = NIODeadline.uptimeNanoseconds(1)

func data(_ id: StreamID, _ count: Int, endStream: Bool = false) -> DataFrame {
  DataFrame(streamID: id, payload: ByteBuffer(repeating: 1, count: count), endStream: endStream)
}
