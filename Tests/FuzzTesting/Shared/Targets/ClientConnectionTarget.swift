import GRPCWire
import HTTP2
import NIOCore

/// The first byte chooses the cuts, the second what the owner sends; the rest is what a server sends on a connection.
///
/// However the bytes are cut, the streams see the same. What is kept stays within its limits, a window is never
/// overdrawn, and what we send is sound HTTP/2 itself, up to the GOAWAY after a fault.
enum ClientConnectionTarget {
  static func run(_ bytes: [UInt8]) throws {
    guard bytes.count >= 2 else { return }
    var cuts = Cuts(seed: bytes[0])
    let pieces = cuts.pieces(of: bytes[2...])
    var whole = ClientConnection(owner: bytes[1])
    try whole.receive([Array(bytes[2...])])
    var cut = ClientConnection(owner: bytes[1])
    try cut.receive(pieces)
    try require(cut.events == whole.events, "cut: \(cut.events), whole: \(whole.events)")
  }
}

/// One connection with an owner whose deeds hang on the frames, not on how they are cut.
private struct ClientConnection: ~Copyable {
  enum Event: Equatable {
    case settings(HTTP2ClientConnectionStateMachine.SettingsAction)
    case headers(HTTP2ClientConnectionStateMachine.HeadersAction)
    /// Of all pieces in a row.
    case data(StreamID, count: Int, endStream: Bool)
    case streamFault(StreamID, StreamFault)
    case reset(StreamID, ErrorCode)
    case goAway(unprocessed: [StreamID])
    case fault(ConnectionFault)
  }

  private static let limits = {
    var limits = ConnectionLimits()
    limits.streamWindow = 256
    limits.maximumHeaderListSize = 256
    limits.maximumDecodedHeaderListSize = 512
    limits.maximumEmptyDataFrames = 3
    limits.maximumInformationalResponses = 2
    limits.maximumControlFramesPerSecond = 20
    limits.maximumConcurrentStreams = 3
    limits.maximumOutboundBytes = 4096
    limits.sendQueueHighWatermark = 512
    limits.sendQueueLowWatermark = 256
    return limits
  }()
  private static let now = NIODeadline.uptimeNanoseconds(1)
  private static let head = RequestHead([
    (":method", "POST"), (":scheme", "http"), (":path", "/fuzz.Fuzz/Talk"), (":authority", "h"),
  ])

  private(set) var events: [Event] = []
  private var machine = HTTP2ClientConnectionStateMachine(limits: Self.limits)
  private var reader: FrameReader
  private var peer = PeerView()
  private var owner: Cuts
  private var undelivered: [StreamID: Int] = [:]

  init(owner: UInt8) {
    self.owner = Cuts(seed: owner)
    reader = machine.makeFrameReader()
    machine.connected()
  }

  mutating func receive(_ pieces: [[UInt8]]) throws {
    try send()
    for piece in pieces {
      reader.append(ByteBuffer(bytes: piece))
      while !machine.isClosed, let frame = next() { try received(frame) }
      let kept = Self.limits.maximumFrameSize + FrameHeader.byteCount
      try require(reader.bufferedBytes <= kept, "\(reader.bufferedBytes) bytes are kept")
      try require(machine.openStreamCount <= Self.limits.maximumConcurrentStreams, "too many streams")
      try require(machine.outbound.readableBytes <= 16 * Self.limits.maximumOutboundBytes, "answers pile up")
      try send()
    }
  }

  private mutating func next() -> Frame? {
    do {
      return try reader.next()
    } catch {
      machine.failed(error)
      events.append(.fault(error))
      return nil
    }
  }

  /// What we sent reaches the peer, who judges it.
  private mutating func send() throws {
    try peer.receive(machine.outbound, isLast: machine.isClosed)
    machine.outboundTaken()
    if !machine.isClosed { machine.resumeSending() }
  }

  private mutating func received(_ frame: Frame) throws {
    switch frame {
    case .data(let data): return dataReceived(data)
    case .headers(let headers): note(machine.headersReceived(headers))
    case .continuation(let continuation): note(machine.continuationReceived(continuation))
    case .resetStream(let reset):
      switch machine.resetReceived(reset, at: Self.now) {
      case .none: break
      case .reset(let code): events.append(.reset(reset.streamID, code))
      case .connectionFault(let fault): events.append(.fault(fault))
      }
    case .windowUpdate(let update):
      switch machine.windowUpdateReceived(update, at: Self.now) {
      case .none: peer.windowRaised(update)
      case .streamFault(let fault): events.append(.streamFault(update.streamID, fault))
      case .connectionFault(let fault): events.append(.fault(fault))
      }
    case .settings(let settings):
      let action = machine.settingsReceived(settings, at: Self.now)
      peer.settingsSent(settings)
      events.append(.settings(action))
    case .ping(let ping):
      if case .connectionFault(let fault) = machine.pingReceived(ping, at: Self.now) { events.append(.fault(fault)) }
    case .goAway(let goAway):
      switch machine.goAwayReceived(goAway) {
      case .none: break
      case .draining(let unprocessed, _): events.append(.goAway(unprocessed: unprocessed))
      case .connectionFault(let fault): events.append(.fault(fault))
      }
    case .pushPromise: if let fault = machine.pushPromiseReceived() { events.append(.fault(fault)) }
    case .priority, .unknown: break
    }
    act()
    try send()
  }

  private mutating func note(_ action: HTTP2ClientConnectionStateMachine.HeadersAction) {
    if action != .none { events.append(.headers(action)) }
    // gRPC's half of an answer: its status is read from whatever came.
    if case .trailers(_, let list) = action { _ = GRPCStatus(trailers: list.headers) }
  }

  private mutating func dataReceived(_ frame: DataFrame) {
    let id = frame.streamID
    switch machine.dataReceived(frame) {
    case .deliver(let endStream):
      let count = frame.payload.readableBytes
      undelivered[id, default: 0] += count
      if case .data(id, let before, false) = events.last {
        events[events.count - 1] = .data(id, count: before + count, endStream: endStream)
      } else {
        events.append(.data(id, count: count, endStream: endStream))
      }
    case .discard: break
    case .streamFault(let fault):
      // How much of a frame came before the fault hangs on the cuts.
      if case .data(id, _, _) = events.last { events.removeLast() }
      events.append(.streamFault(id, fault))
    case .connectionFault(let fault):
      if case .data(id, _, _) = events.last { events.removeLast() }
      events.append(.fault(fault))
    }
  }

  /// What an owner does between two frames.
  private mutating func act() {
    let id = StreamID(UInt32(2 * owner.next(below: 4) + 1))
    switch owner.next(below: 6) {
    case 0, 1: _ = machine.open(Self.head, metadata: LiteralFields([("a", "b")]))
    case 2, 3:
      let bytes = [UInt8](repeating: 7, count: owner.next(below: 2000))
      _ = machine.send([0, 0, 0, 0, 9].span.bytes, bytes.span.bytes, endStream: owner.next(below: 4) == 0, on: id)
    case 4: machine.giveBack(undelivered.removeValue(forKey: id) ?? 0, on: id)
    default:
      if owner.next(below: 4) == 0 { machine.reset(id, .cancel) }
    }
    while machine.nextDrainedStream() != nil {}
  }
}

/// The server's side of what we send: its frames are sound, and no window that it has given is overdrawn.
private struct PeerView: ~Copyable {
  private var reader = FrameReader(expecting: .clientPreface, maximumFrameSize: 1 << 24 - 1, dataDelivery: .wholeFrames)
  private var headers = HeaderBlockReader(limits: ConnectionLimits())
  private var connectionWindow = 65_535
  private var sent: [StreamID: Int] = [:]
  private var raised: [StreamID: Int] = [:]
  private var largestInitialWindow = 65_535
  private var hasEnded = false

  mutating func windowRaised(_ update: WindowUpdateFrame) {
    if update.streamID == .connection {
      connectionWindow += update.increment
    } else {
      raised[update.streamID, default: 0] += update.increment
    }
  }

  /// An initial window that sinks again may leave a stream's below zero, so the largest is what counts.
  mutating func settingsSent(_ settings: SettingsFrame) {
    for parameter in settings.parameters where parameter.id == .initialWindowSize {
      largestInitialWindow = max(largestInitialWindow, Int(parameter.value))
    }
  }

  mutating func receive(_ bytes: ByteBuffer, isLast: Bool) throws {
    try require(!hasEnded || bytes.readableBytes == 0, "something is sent after the end")
    hasEnded = isLast
    reader.append(bytes)
    do {
      while let frame = try reader.next() {
        switch frame {
        case .data(let data):
          connectionWindow -= data.flowControlledBytes
          sent[data.streamID, default: 0] += data.flowControlledBytes
          let allowed = largestInitialWindow + (raised[data.streamID] ?? 0)
          try require(connectionWindow >= 0 && sent[data.streamID] ?? 0 <= allowed, "a window is overdrawn")
        case .headers(let block): _ = try headers.headers(block.fragment, isComplete: block.endHeaders)
        case .continuation(let block): _ = try headers.continuation(block.fragment, isComplete: block.endHeaders)
        default: break
        }
      }
    } catch let fault as ConnectionFault {
      throw FuzzFinding(description: "what we send is refused: \(fault)")
    }
    try require(reader.bufferedBytes == 0, "half a frame is sent")
  }
}
