internal import NIOCore

/// Hands a DATA frame on in the pieces in which it arrives.
struct PartialDataFrame {
  private let header: FrameHeader
  /// Data still to come; nil until the padding's length byte has been read.
  private var dataLeft: Int?
  private var paddingLeft = 0
  /// The padding and its length byte, until a piece has reported them.
  private var unreportedOverhead = 0
  private var isEmpty = false
  /// The last piece has been handed on.
  private(set) var isComplete = false

  init(_ header: FrameHeader) {
    self.header = header
    guard !header.flags.contains(.padded) else { return }
    self.dataLeft = header.length
    self.isEmpty = header.length == 0
  }

  /// Takes what `buffer` has of the frame; nil when that says nothing new.
  mutating func takePiece(from buffer: inout ByteBuffer) throws(ConnectionFault) -> DataFrame? {
    if dataLeft == nil { dataLeft = try readPadLength(from: &buffer) }
    guard let dataLeft else { return nil }
    guard let data = buffer.readSlice(length: min(dataLeft, buffer.readableBytes)) else { throw .poisoned }
    self.dataLeft = dataLeft - data.readableBytes
    if self.dataLeft == 0 {
      let padding = min(paddingLeft, buffer.readableBytes)
      buffer.moveReaderIndex(forwardBy: padding)
      paddingLeft -= padding
      isComplete = paddingLeft == 0
    }
    guard isComplete || data.readableBytes > 0 else { return nil }
    defer { unreportedOverhead = 0 }
    return DataFrame(
      streamID: header.streamID, payload: data, flowControlledBytes: data.readableBytes + unreportedOverhead,
      endStream: isComplete && header.flags.contains(.endStream), isLastPiece: isComplete, isEmptyFrame: isEmpty)
  }

  private mutating func readPadLength(from buffer: inout ByteBuffer) throws(ConnectionFault) -> Int? {
    guard let octet = buffer.readInteger(as: UInt8.self) else { return nil }
    let padding = Int(octet)
    guard padding < header.length else { throw .padding(.data) }
    paddingLeft = padding
    unreportedOverhead = padding + 1
    isEmpty = header.length - padding - 1 == 0
    return header.length - padding - 1
  }
}
