/// The rules of RFC 9113 section 6 that a frame's header alone can keep or break.
extension FrameHeader {
  /// False for extensions' frames, and for a PRIORITY of a wrong length: that breaks only its stream's (deprecated)
  /// priority, which nobody uses, so it is skipped too.
  var isRecognised: Bool {
    if type == .priority { return length == StreamPriority.byteCount }
    return type.rawValue <= FrameType.continuation.rawValue
  }

  var hasItsStream: Bool {
    switch type {
    case .data, .headers, .priority, .resetStream, .pushPromise, .continuation: streamID != .connection
    case .settings, .ping, .goAway: streamID == .connection
    default: true
    }
  }

  var hasItsLength: Bool {
    switch type {
    case .data: length > 0 || !flags.contains(.padded)
    case .resetStream: length == ResetStreamFrame.byteCount
    case .settings:
      flags.contains(.acknowledgement) ? length == 0 : length % SettingsFrame.Parameter.byteCount == 0
    case .ping: length == PingFrame.byteCount
    case .goAway: length >= GoAwayFrame.minimumByteCount
    case .windowUpdate: length == WindowUpdateFrame.byteCount
    default: true
    }
  }
}
