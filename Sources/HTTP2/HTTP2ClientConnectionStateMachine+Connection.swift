public import NIOCore

/// Frames of the connection itself: SETTINGS, PING, GOAWAY, PUSH_PROMISE.
extension HTTP2ClientConnectionStateMachine {
  public enum SettingsAction: Equatable, Sendable {
    /// The peer's first SETTINGS: streams may be opened from now on.
    case ready
    /// Later ones. More streams may be allowed than before, and waiting bytes may have gone.
    case changed
    /// Nothing to do.
    case none
    case connectionFault(ConnectionFault)
  }

  /// SETTINGS have arrived (RFC 9113 section 6.5).
  public mutating func settingsReceived(_ frame: SettingsFrame, at now: NIODeadline) -> SettingsAction {
    let isFirst: Bool
    switch state {
    case .idle, .closed: return .none
    case .handshaking: isFirst = true
    case .open, .draining: isFirst = false
    }
    do throws(ConnectionFault) {
      guard settingsLimit.allows(at: now), !isOutboundOverfull else { throw .flood(.settings) }
      if frame.isAcknowledgement {
        guard unacknowledgedSettings > 0 else { throw .settingsAcknowledgement }
        unacknowledgedSettings -= 1
        return .none
      }
      try apply(frame.parameters)
    } catch {
      failed(error)
      return .connectionFault(error)
    }
    SettingsFrame.acknowledgement.write(into: &outbound)
    if isFirst { state = .open }
    resumeSending(afterSettings: true)
    return isFirst ? .ready : .changed
  }

  private mutating func apply(_ parameters: [SettingsFrame.Parameter]) throws(ConnectionFault) {
    let before = peerSettings
    try peerSettings.apply(parameters)
    if peerSettings.headerTableSize != before.headerTableSize {
      try headerWriter.peerTableSizeChanged(to: peerSettings.headerTableSize)
    }
    let delta = peerSettings.initialWindowSize - before.initialWindowSize
    guard delta != 0 else { return }
    // Only the streams' windows change, not the connection's (section 6.9.2).
    for id in streams.ids where streams.pointer(for: id)?.pointee.windowChanged(by: delta) != nil {
      throw .windowOverflow
    }
  }

  public enum PingAction: Equatable, Sendable {
    /// The peer's PING has been answered.
    case none
    /// The answer to our own.
    case acknowledged(UInt64)
    case connectionFault(ConnectionFault)
  }

  /// A PING has arrived (section 6.7).
  public mutating func pingReceived(_ frame: PingFrame, at now: NIODeadline) -> PingAction {
    guard !isClosed else { return .none }
    guard pingLimit.allows(at: now), !isOutboundOverfull else {
      failed(.flood(.ping))
      return .connectionFault(.flood(.ping))
    }
    guard !frame.isAcknowledgement else { return .acknowledged(frame.payload) }
    PingFrame(payload: frame.payload, isAcknowledgement: true).write(into: &outbound)
    return .none
  }

  public enum GoAwayAction: Equatable, Sendable {
    case none
    /// The connection drains. These streams were certainly not processed and are gone; their calls may be made
    /// again elsewhere.
    case draining(unprocessed: [StreamID], code: ErrorCode)
    case connectionFault(ConnectionFault)
  }

  /// A GOAWAY has arrived (section 6.8). It may come again with a lower last stream: the first of a graceful two
  /// names the highest there can be, so that nothing that is under way is lost.
  public mutating func goAwayReceived(_ frame: GoAwayFrame) -> GoAwayAction {
    switch state {
    case .idle, .closed: return .none
    case .draining(let last) where frame.lastStreamID > last:
      failed(.goAwayRaised)
      return .connectionFault(.goAwayRaised)
    case .handshaking, .open, .draining: break
    }
    state = .draining(last: frame.lastStreamID)
    let unprocessed = streams.ids.filter { $0 > frame.lastStreamID }
    for id in unprocessed { _ = streams.remove(id) }
    return .draining(unprocessed: unprocessed, code: frame.code)
  }

  /// A PUSH_PROMISE has arrived, which ENABLE_PUSH = 0 makes an error of the connection (section 8.4).
  public mutating func pushPromiseReceived() -> ConnectionFault? {
    guard !isClosed else { return nil }
    failed(.pushPromise)
    return .pushPromise
  }
}
