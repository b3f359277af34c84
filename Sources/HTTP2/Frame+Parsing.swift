internal import NIOCore

extension Frame {
  /// Reads a whole payload; `header` has kept the rules for its length and stream already.
  init(_ header: FrameHeader, payload: inout ByteBuffer) throws(ConnectionFault) {
    switch header.type {
    case .data:
      var data = PartialDataFrame(header)
      guard let frame = try data.takePiece(from: &payload) else { throw .poisoned }
      self = .data(frame)
    case .headers: self = .headers(try HeadersFrame(header, payload: &payload))
    case .priority:
      if let priority = StreamPriority(readingFrom: &payload) {
        self = .priority(PriorityFrame(streamID: header.streamID, priority: priority))
      } else {
        self = .unknown(header)
      }
    case .resetStream:
      guard let code = payload.readInteger(as: UInt32.self) else { throw .frameSize(.resetStream) }
      self = .resetStream(ResetStreamFrame(streamID: header.streamID, code: ErrorCode(rawValue: code)))
    case .settings: self = .settings(SettingsFrame(header, payload: &payload))
    case .pushPromise: self = .pushPromise(try PushPromiseFrame(header, payload: &payload))
    case .ping:
      guard let octets = payload.readInteger(as: UInt64.self) else { throw .frameSize(.ping) }
      self = .ping(PingFrame(payload: octets, isAcknowledgement: header.flags.contains(.acknowledgement)))
    case .goAway: self = .goAway(try GoAwayFrame(header, payload: &payload))
    case .windowUpdate:
      guard let increment = payload.readInteger(as: UInt32.self) else { throw .frameSize(.windowUpdate) }
      self = .windowUpdate(WindowUpdateFrame(streamID: header.streamID, increment: Int(increment & 0x7fff_ffff)))
    case .continuation:
      self = .continuation(
        ContinuationFrame(
          streamID: header.streamID, fragment: payload, endHeaders: header.flags.contains(.endHeaders)))
    default: self = .unknown(header)
    }
  }
}
