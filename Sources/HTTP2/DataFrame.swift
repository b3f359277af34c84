public import NIOCore

/// Carries a stream's bytes: a whole DATA frame, or a piece of one (RFC 9113 section 6.1).
///
///     [Pad Length (8)], Data (..), Padding (..)
///
/// The reader hands on what is there of a DATA frame without waiting for the rest, as slices of what was read. The
/// pieces of a frame add up: their `flowControlledBytes` to its length, and only the last has its END_STREAM.
public struct DataFrame: Sendable, Equatable {
  public var streamID: StreamID
  /// Without padding.
  public var payload: ByteBuffer
  /// What the piece takes from the windows: the data, and in the first piece the whole padding and its length byte.
  public var flowControlledBytes: Int
  public var endStream: Bool
  /// False while more of the same frame is to come.
  public var isLastPiece: Bool
  /// Data in the whole frame is none; such frames cost more than they are worth, and are counted.
  public var isEmptyFrame: Bool

  public init(
    streamID: StreamID, payload: ByteBuffer, flowControlledBytes: Int, endStream: Bool, isLastPiece: Bool = true,
    isEmptyFrame: Bool
  ) {
    self.streamID = streamID
    self.payload = payload
    self.flowControlledBytes = flowControlledBytes
    self.endStream = endStream
    self.isLastPiece = isLastPiece
    self.isEmptyFrame = isEmptyFrame
  }

  /// A whole frame without padding.
  public init(streamID: StreamID, payload: ByteBuffer, endStream: Bool) {
    self.init(
      streamID: streamID, payload: payload, flowControlledBytes: payload.readableBytes, endStream: endStream,
      isEmptyFrame: payload.readableBytes == 0)
  }

  /// Appends the payload as one whole frame.
  ///
  /// - Parameter padding: octets of padding, 0 to 255; nil for none and no length byte.
  public func write(into buffer: inout ByteBuffer, padding: UInt8? = nil) {
    var flags: FrameFlags = endStream ? .endStream : []
    var length = payload.readableBytes
    if let padding {
      flags.insert(.padded)
      length += 1 + Int(padding)
    }
    FrameHeader(length: length, type: .data, flags: flags, streamID: streamID).write(into: &buffer)
    if let padding { buffer.writeInteger(padding) }
    buffer.writeImmutableBuffer(payload)
    if let padding { buffer.writeRepeatingByte(0, count: Int(padding)) }
  }
}
