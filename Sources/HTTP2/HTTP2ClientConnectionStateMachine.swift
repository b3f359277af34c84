public import NIOCore

/// One HTTP/2 connection as its client sees it (RFC 9113), without sockets, clocks or callbacks.
///
/// Every frame the reader gives goes to the method of its type, which answers what the owner has to do; what has to be
/// written is appended to `outbound`, which the owner takes when it likes, mostly once a tick. What can be judged on
/// frames alone is judged before, by `FrameReader`. Bytes to send that a window or the socket does not let out are
/// kept here with their stream, and go out as soon as they may.
///
/// A fault of the connection closes it: the GOAWAY lies in `outbound`, every later event is ignored.
public struct HTTP2ClientConnectionStateMachine: ~Copyable {
  enum State {
    /// Nothing has been sent. -> handshaking
    case idle
    /// Our preface and SETTINGS are out, the peer's SETTINGS are awaited; no streams yet. -> open, closed
    case handshaking
    /// Streams may be opened. -> draining, closed
    case open
    /// No stream may be opened; those up to `last` are still answered. -> closed
    case draining(last: StreamID)
    /// Nothing is expected and nothing is sent.
    case closed
  }

  public let limits: ConnectionLimits
  var state = State.idle
  var streams = StreamTable<HTTP2StreamStateMachine>()
  /// The stream that `open` will open next; nil when the numbers are used up.
  public internal(set) var nextStreamID: StreamID? = .firstOfClient
  var peerSettings = Settings()
  /// SETTINGS of ours that the peer has not acknowledged.
  var unacknowledgedSettings = 0
  var sendWindow = SendWindow(Settings().initialWindowSize)
  var receiveWindow: ReceiveWindow
  var headerReader: HeaderBlockReader
  var headerWriter = HeaderBlockWriter()
  /// What the HEADERS said whose block CONTINUATION frames go on with.
  var openBlock: (streamID: StreamID, endStream: Bool)?

  var pingLimit: FrameRateLimit
  var settingsLimit: FrameRateLimit
  var resetLimit: FrameRateLimit
  var windowUpdateLimit: FrameRateLimit
  var emptyDataFrames = 0

  /// Streams with bytes that wait, in the order in which they are served.
  var waiting: [StreamID] = []
  /// Streams whose senders may go on, until the owner has been told.
  var drained: [StreamID] = []
  var isTransportWritable = true
  /// Bytes for the socket.
  public internal(set) var outbound = ByteBuffer()

  public init(limits: ConnectionLimits = ConnectionLimits()) {
    self.limits = limits
    receiveWindow = ReceiveWindow(size: limits.connectionWindow)
    headerReader = HeaderBlockReader(limits: limits)
    let perSecond = FrameRateLimit(maximum: limits.maximumControlFramesPerSecond)
    pingLimit = perSecond
    settingsLimit = perSecond
    resetLimit = perSecond
    windowUpdateLimit = perSecond
  }

  /// The reader for the peer's bytes.
  public func makeFrameReader() -> FrameReader {
    FrameReader(expecting: .settings, maximumFrameSize: limits.maximumFrameSize)
  }

  // MARK: What the owner may ask

  public var openStreamCount: Int { streams.count }

  public var isClosed: Bool {
    if case .closed = state { true } else { false }
  }

  /// True while the peer's answers to open streams are awaited, but no stream can be opened any more.
  public var isDraining: Bool {
    if case .draining = state { true } else { false }
  }

  /// How many more streams may be opened now.
  public var freeStreams: Int {
    guard case .open = state, nextStreamID != nil, !isOutboundOverfull else { return 0 }
    let allowed = min(peerSettings.maxConcurrentStreams ?? .max, limits.maximumConcurrentStreams)
    return max(allowed - streams.count, 0)
  }

  // MARK: The connection's beginning and end

  /// The socket is connected: writes the preface, our SETTINGS and the connection's window.
  public mutating func connected() {
    guard case .idle = state else { return }
    state = .handshaking
    outbound.writeStaticString(ConnectionPreface.bytes)
    SettingsFrame([
      .init(.enablePush, 0),
      .init(.initialWindowSize, UInt32(limits.streamWindow)),
      .init(.maxFrameSize, UInt32(limits.maximumFrameSize)),
      .init(.maxHeaderListSize, UInt32(limits.maximumHeaderListSize)),
    ]).write(into: &outbound)
    unacknowledgedSettings += 1
    // The connection's window starts at the protocol's default and cannot be set, only raised (section 6.9.2).
    let raise = limits.connectionWindow - Settings().initialWindowSize
    if raise > 0 { WindowUpdateFrame(streamID: .connection, increment: raise).write(into: &outbound) }
  }

  /// Announces that we go: no more streams; the connection may be closed when there are none left.
  public mutating func goAway() {
    switch state {
    case .open, .handshaking:
      GoAwayFrame(lastStreamID: .connection, code: .noError).write(into: &outbound)
      state = .draining(last: .maximum)
    case .idle: state = .closed
    case .draining, .closed: break
    }
  }

  /// The socket is closed: nothing more comes.
  public mutating func disconnected() {
    state = .closed
    outbound.clear()
  }

  /// Ends the connection over a fault that the owner or the reader has found.
  public mutating func failed(_ fault: ConnectionFault) {
    switch state {
    case .closed: return
    case .idle: break
    case .handshaking, .open, .draining:
      // The peer has opened no stream, so 0 is the last one that was looked at.
      GoAwayFrame(lastStreamID: .connection, code: fault.code, debugData: ByteBuffer(string: fault.description))
        .write(into: &outbound)
    }
    state = .closed
  }

  // MARK: The socket

  /// Forgets `outbound` after the owner has handed it to the socket, and uses its memory again if it is free.
  public mutating func outboundTaken() {
    if outbound.capacity > 4 * limits.maximumOutboundBytes {
      outbound = ByteBuffer()
    } else {
      outbound.clear()
    }
  }

  public mutating func transportWritabilityChanged(_ isWritable: Bool) {
    isTransportWritable = isWritable
  }

  /// So much waits for a socket that takes nothing: answers to a peer that does not read must not pile up.
  var isOutboundOverfull: Bool { outbound.readableBytes > 8 * limits.maximumOutboundBytes }

  /// Writes a PING; its answer comes to `pingReceived`.
  public mutating func ping(_ payload: UInt64) {
    guard !isClosed else { return }
    PingFrame(payload: payload).write(into: &outbound)
  }
}
