import HTTP2
import NIOCore

/// Explains one HTTP/2 connection from the bytes of its two directions; it never fails and keeps little.
///
/// It sees to what is worth telling being told right, whatever else is dropped: frames are found, header blocks decoded
/// and messages counted always, since each depends on all before it. Only the octets to be shown are not kept while
/// `keepsOctets` is false. Nothing is inflated or put into words here, so that it can run beside the traffic.
struct TapSession: ~Copyable {
  let connection: TapConnection
  private let limits: TapLimits
  private let filter: TapFilter
  private let showsFrames: Bool
  private var client: TapDirection
  private var server: TapDirection
  private var calls: TappedCalls
  private var reads = 0

  init(connection: TapConnection, limits: TapLimits, filter: TapFilter, showsFrames: Bool) {
    self.connection = connection
    self.limits = limits
    self.filter = filter
    self.showsFrames = showsFrames
    client = TapDirection(expectsPreface: true, limits: limits)
    server = TapDirection(expectsPreface: false, limits: limits)
    calls = TappedCalls(limits: limits, expectsGRPC: connection.proto == .grpc)
  }

  /// Octets that wait for the rest of a frame or message.
  var bufferedBytes: Int { client.frames.bufferedBytes + server.frames.bufferedBytes + calls.partialBytes }

  /// Calls that are under way.
  var openCalls: Int { calls.count }

  /// Calls whose end has been told.
  var endedCalls: Int { calls.ended }

  private subscript(side: TapSide) -> TapDirection {
    _read {
      switch side {
      case .client: yield client
      case .server: yield server
      }
    }
    _modify {
      switch side {
      case .client: yield &client
      case .server: yield &server
      }
    }
  }

  /// Takes what was read from one side.
  ///
  /// - Parameter keepsOctets: false while there is no room for what would be shown.
  mutating func received(
    _ bytes: ByteBuffer, from side: TapSide, at time: NIODeadline, keepsOctets: Bool, tell: (TapRecord) -> Void
  ) {
    reads += 1
    let read = TapRead(connection: connection, side: side, time: time, number: reads)
    guard connection.proto != .text else {
      if showsFrames, filter.admits(connection.number, side) { tell(bytesRecord(bytes, read, keepsOctets)) }
      return
    }
    let keeps = keepsOctets && showsFrames
    self[side].frames.keepsOctets = keeps
    self[side].frames.append(bytes)
    while let event = self[side].frames.next() {
      switch event {
      case .preface(let octets):
        if showsFrames, filter.admits(connection.number, side) { tell(read.record(.preface(octets))) }
      case .data(let stream, let piece): calls.dataReceived(piece, on: stream, from: side, keepsOctets: keeps)
      case .opaque(let octets):
        if showsFrames, filter.admits(connection.number, side) { tell(bytesRecord(octets, read, keepsOctets)) }
      case .frame(let observed):
        var frame = TappedFrame(observed)
        frame.path = calls.path(of: observed.header.streamID)
        let end = received(&frame, from: side, at: time)
        show(frame, read, keepsOctets: keeps, tell)
        if let end { show(end, read, tell) }
      }
    }
  }

  /// The connection is closed: what calls are open have ended with it.
  mutating func closed(at time: NIODeadline, tell: (TapRecord) -> Void) {
    let read = TapRead(connection: connection, side: nil, time: time, number: reads + 1)
    for cut in calls.connectionClosed(at: time) { show(cut, read, tell) }
  }

  // MARK: Frames

  /// - Returns: how the frame's call went, if this was its end.
  private mutating func received(
    _ frame: inout TappedFrame, from side: TapSide, at time: NIODeadline
  ) -> CallSummary? {
    let header = frame.observed.header
    self[side].frameArrived(header, &frame)
    switch frame.observed.content {
    case .data: return calls.dataEnded(&frame, from: side, at: time)
    case .faulty(let fault):
      frame.remarks.append("\(fault)")
      self[side].frameNotRead(header)
      return nil
    case .notRead:
      self[side].frameNotRead(header)
      return nil
    case .frame(let content):
      switch content {
      case .headers(let headers):
        guard let block = self[side].headersReceived(headers, &frame) else { return nil }
        return calls.headersReceived(block, from: side, at: time, &frame)
      case .continuation(let continuation):
        guard let block = self[side].continuationReceived(continuation, &frame) else { return nil }
        return calls.headersReceived(block, from: side, at: time, &frame)
      case .pushPromise(let promise):
        self[side].promiseReceived(promise, &frame)
        return nil
      case .settings(let settings):
        allowTable(settings, announcedBy: side)
        return nil
      case .resetStream(let reset): return calls.reset(reset, by: side, at: time)
      case .data, .priority, .ping, .goAway, .windowUpdate, .unknown: return nil
      }
    }
  }

  /// SETTINGS say how large the table may be that the other side writes with (RFC 7541 section 4.2).
  private mutating func allowTable(_ settings: SettingsFrame, announcedBy side: TapSide) {
    for parameter in settings.parameters where parameter.id == .headerTableSize {
      self[side.other].tableSizeAllowed(min(Int(parameter.value), limits.maximumHeaderTableBytes))
    }
  }

  // MARK: What is told

  private func show(_ frame: TappedFrame, _ read: TapRead, keepsOctets: Bool, _ tell: (TapRecord) -> Void) {
    guard showsFrames, filter.admits(connection.number, read.side, frame) else { return }
    if keepsOctets {
      tell(read.record(.frame(frame)))
    } else {
      tell(read.record(.dropped(records: 1, octets: FrameHeader.byteCount + frame.observed.header.length)))
    }
  }

  private func show(_ summary: CallSummary, _ read: TapRead, _ tell: (TapRecord) -> Void) {
    if filter.admits(connection.number, summary.streamID, path: summary.path) { tell(read.summary(summary)) }
  }

  private func bytesRecord(_ bytes: ByteBuffer, _ read: TapRead, _ keepsOctets: Bool) -> TapRecord {
    guard keepsOctets else { return read.record(.dropped(records: 1, octets: bytes.readableBytes)) }
    let count = min(bytes.readableBytes, limits.maximumFrameBytes)
    var kept = ByteBuffer()
    if let slice = bytes.getSlice(at: bytes.readerIndex, length: count) { kept.writeImmutableBuffer(slice) }
    return read.record(.bytes(kept, omitted: bytes.readableBytes - count))
  }
}
