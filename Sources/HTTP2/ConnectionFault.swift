/// Says which rule a peer broke so badly that the whole connection has to end (RFC 9113 section 5.4.1).
///
/// Closed, so that tests and metrics can name a fault; `code` is what the GOAWAY says.
public enum ConnectionFault: Error, Hashable, Sendable {
  /// The first frame is not SETTINGS (section 3.4): mostly a peer that does not speak HTTP/2 on this port.
  case notHTTP2
  /// A frame longer than our MAX_FRAME_SIZE, judged before any of its payload is kept.
  case frameTooLarge(FrameType)
  /// A frame whose type has a fixed length and does not have it.
  case frameSize(FrameType)
  /// A frame of the connection on a stream, or the other way round.
  case streamForbidden(FrameType)
  /// Padding as long as the frame, or longer.
  case padding(FrameType)
  /// Anything but the CONTINUATION that has to follow a HEADERS without END_HEADERS (section 6.10).
  case continuationExpected
  /// A CONTINUATION that continues nothing.
  case continuationUnexpected
  /// More CONTINUATION frames for one block, or a longer block, than is allowed.
  case headerBlockTooLong
  /// A header block that HPACK cannot decode, or whose fields exceed the header list limit while they are decoded.
  case headerBlock(String)
  /// A setting outside its range (section 6.5.2).
  case settingValue(SettingID)
  /// A SETTINGS acknowledgement for nothing.
  case settingsAcknowledgement
  /// A frame on a stream nobody opened (section 5.1, idle).
  case idleStream(FrameType)
  /// PUSH_PROMISE, which our SETTINGS forbid.
  case pushPromise
  /// More DATA than our connection window allows.
  case connectionWindowOverrun
  /// A WINDOW_UPDATE, or a change of INITIAL_WINDOW_SIZE, that takes a window past 2^31 - 1 octets.
  case windowOverflow
  /// A WINDOW_UPDATE of 0 for the connection.
  case zeroWindowUpdate
  /// A GOAWAY whose last stream is higher than that of the one before.
  case goAwayRaised
  /// Too many frames of one kind in a second; see `FrameRateLimit`.
  case flood(FrameType)
  /// Too many DATA frames in a row that carry nothing.
  case emptyData
  /// No answer to our PING in time.
  case keepAliveTimeout
  /// A bug of ours that was found at run time; the connection is given up rather than the process.
  case poisoned

  public var code: ErrorCode {
    switch self {
    case .notHTTP2, .streamForbidden, .padding, .continuationExpected, .continuationUnexpected,
      .settingsAcknowledgement, .idleStream, .pushPromise, .zeroWindowUpdate, .goAwayRaised:
      .protocolError
    case .frameTooLarge, .frameSize: .frameSizeError
    case .headerBlockTooLong, .flood, .emptyData: .enhanceYourCalm
    case .headerBlock: .compressionError
    case .settingValue(let setting): setting == .initialWindowSize ? .flowControlError : .protocolError
    case .connectionWindowOverrun, .windowOverflow: .flowControlError
    case .keepAliveTimeout: .noError
    case .poisoned: .internalError
    }
  }
}

extension ConnectionFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notHTTP2: "the first frame is not SETTINGS; the peer may not speak HTTP/2 on this port"
    case .frameTooLarge(let type): "\(type) frame larger than MAX_FRAME_SIZE"
    case .frameSize(let type): "\(type) frame of a wrong length"
    case .streamForbidden(let type): "\(type) frame with a stream it must not have"
    case .padding(let type): "\(type) frame with more padding than payload"
    case .continuationExpected: "header block interrupted by another frame"
    case .continuationUnexpected: "CONTINUATION without a header block to continue"
    case .headerBlockTooLong: "header block of too many CONTINUATION frames or bytes"
    case .headerBlock(let reason): "header block cannot be decoded: \(reason)"
    case .settingValue(let setting): "value of \(setting) out of range"
    case .settingsAcknowledgement: "SETTINGS acknowledged that were not sent"
    case .idleStream(let type): "\(type) frame on a stream that was not opened"
    case .pushPromise: "PUSH_PROMISE although push is disabled"
    case .connectionWindowOverrun: "DATA beyond the connection window"
    case .windowOverflow: "flow-control window beyond 2^31-1"
    case .zeroWindowUpdate: "WINDOW_UPDATE of 0 on the connection"
    case .goAwayRaised: "GOAWAY with a higher last stream than before"
    case .flood(let type): "flood of \(type) frames"
    case .emptyData: "too many empty DATA frames in a row"
    case .keepAliveTimeout: "keepalive PING not answered in time"
    case .poisoned: "internal error in the HTTP/2 connection"
    }
  }
}
