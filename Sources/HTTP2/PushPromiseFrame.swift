public import NIOCore

/// Promises a pushed response (RFC 9113 section 6.6). Our SETTINGS forbid it; it is read so that it can be shown.
///
///     [Pad Length (8)], Reserved (1), Promised Stream ID (31), Field Block Fragment (..), Padding (..)
public struct PushPromiseFrame: Sendable, Equatable {
  public var streamID: StreamID
  public var promisedStreamID: StreamID
  public var fragment: ByteBuffer
  public var endHeaders: Bool

  public init(streamID: StreamID, promisedStreamID: StreamID, fragment: ByteBuffer, endHeaders: Bool = true) {
    self.streamID = streamID
    self.promisedStreamID = promisedStreamID
    self.fragment = fragment
    self.endHeaders = endHeaders
  }

  init(_ header: FrameHeader, payload: inout ByteBuffer) throws(ConnectionFault) {
    try payload.removePadding(of: header)
    guard let promised = payload.readInteger(as: UInt32.self) else { throw .frameSize(.pushPromise) }
    self.init(
      streamID: header.streamID, promisedStreamID: StreamID(promised), fragment: payload,
      endHeaders: header.flags.contains(.endHeaders))
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(
      length: 4 + fragment.readableBytes, type: .pushPromise, flags: endHeaders ? .endHeaders : [], streamID: streamID
    ).write(into: &buffer)
    buffer.writeInteger(promisedStreamID.rawValue)
    buffer.writeImmutableBuffer(fragment)
  }
}
