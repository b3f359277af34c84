import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK

/// Explains one HTTP/2 connection from the bytes of its two directions; it never fails and keeps little.
///
/// It sees to what is worth telling being told right, whatever else is dropped: frames are found, header blocks decoded
/// and messages counted always, since each depends on all before it. Only the octets to be shown are not kept while
/// `keepsOctets` is false. Nothing is inflated or put into words here, so that it can run beside the traffic.
struct TapSession: ~Copyable {
  private struct Direction: ~Copyable {
    var frames: PassiveFrameReader
    var headers: HeaderBlockReader
    /// The table is not known any more.
    var hasLostHeaders = false
    /// The HEADERS or PUSH_PROMISE that CONTINUATION frames go on with.
    var openBlock: (stream: StreamID, endStream: Bool, isPromise: Bool)?

    init(expectsPreface: Bool, limits: TapLimits) {
      frames = PassiveFrameReader(expectsPreface: expectsPreface, maximumFrameBytes: limits.maximumFrameBytes)
      headers = HeaderBlockReader(limits: limits.headerLimits)
    }
  }

  let connection: TapConnection
  private let limits: TapLimits
  private let filter: TapFilter
  private let showsFrames: Bool
  private var client: Direction
  private var server: Direction
  private var reads = 0
  var calls: [StreamID: TappedCall] = [:]
  private var partialBytes = 0
  /// Calls whose end has been told, for the totals.
  private(set) var endedCalls = 0

  init(connection: TapConnection, limits: TapLimits, filter: TapFilter, showsFrames: Bool) {
    self.connection = connection
    self.limits = limits
    self.filter = filter
    self.showsFrames = showsFrames
    client = Direction(expectsPreface: true, limits: limits)
    server = Direction(expectsPreface: false, limits: limits)
  }

  /// Octets that wait for the rest of a frame or message.
  var bufferedBytes: Int { client.frames.bufferedBytes + server.frames.bufferedBytes + partialBytes }

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
    append(bytes, from: side, keepsOctets: keeps)
    while let event = next(from: side) {
      switch event {
      case .preface(let octets):
        if showsFrames, filter.admits(connection.number, side) { tell(read.record(.preface(octets))) }
      case .data(let stream, let piece): dataReceived(piece, on: stream, from: side, keepsOctets: keeps)
      case .opaque(let octets):
        if showsFrames, filter.admits(connection.number, side) { tell(bytesRecord(octets, read, keepsOctets)) }
      case .frame(let observed):
        var frame = TappedFrame(observed)
        frame.path = calls[observed.header.streamID]?.path
        let end = received(&frame, from: side, at: time)
        show(frame, read, keepsOctets: keeps, tell)
        if let end { tell(read.summary(end)) }
      }
    }
  }

  /// The connection is closed: what calls are open have ended with it.
  mutating func closed(at time: NIODeadline, tell: (TapRecord) -> Void) {
    let read = TapRead(connection: connection, side: nil, time: time, number: reads + 1)
    for (stream, call) in calls.sorted(by: { $0.key < $1.key }) where !call.server.hasEnded {
      if let summary = summary(of: call, on: stream, .connectionClosed, at: time) { tell(read.summary(summary)) }
    }
    calls = [:]
    partialBytes = 0
  }

  private func show(_ frame: TappedFrame, _ read: TapRead, keepsOctets: Bool, _ tell: (TapRecord) -> Void) {
    guard showsFrames, filter.admits(connection.number, read.side, frame) else { return }
    if keepsOctets {
      tell(read.record(.frame(frame)))
    } else {
      tell(read.record(.dropped(records: 1, octets: FrameHeader.byteCount + frame.observed.header.length)))
    }
  }

  private func bytesRecord(_ bytes: ByteBuffer, _ read: TapRead, _ keepsOctets: Bool) -> TapRecord {
    guard keepsOctets else { return read.record(.dropped(records: 1, octets: bytes.readableBytes)) }
    let count = min(bytes.readableBytes, limits.maximumFrameBytes)
    var kept = ByteBuffer()
    if let slice = bytes.getSlice(at: bytes.readerIndex, length: count) { kept.writeImmutableBuffer(slice) }
    return read.record(.bytes(kept, omitted: bytes.readableBytes - count))
  }

  // MARK: The two directions

  private mutating func append(_ bytes: ByteBuffer, from side: TapSide, keepsOctets: Bool) {
    switch side {
    case .client:
      client.frames.keepsOctets = keepsOctets
      client.frames.append(bytes)
    case .server:
      server.frames.keepsOctets = keepsOctets
      server.frames.append(bytes)
    }
  }

  private mutating func next(from side: TapSide) -> PassiveFrameReader.Event? {
    switch side {
    case .client: client.frames.next()
    case .server: server.frames.next()
    }
  }

  // MARK: Frames

  /// - Returns: how the frame's call went, if this was its end.
  private mutating func received(
    _ frame: inout TappedFrame, from side: TapSide, at time: NIODeadline
  ) -> CallSummary? {
    let header = frame.observed.header
    checkOpenBlock(header, from: side, &frame)
    switch frame.observed.content {
    case .data: return dataEnded(&frame, from: side, at: time)
    case .faulty(let fault):
      frame.remarks.append("\(fault)")
      loseHeaders(with: header, from: side)
      return nil
    case .notRead:
      loseHeaders(with: header, from: side)
      return nil
    case .frame(let content):
      switch content {
      case .headers(let headers):
        let list = decode(headers.fragment, headers.endHeaders, from: side, &frame)
        if !headers.endHeaders { open(headers.streamID, endStream: headers.endStream, isPromise: false, from: side) }
        guard let list else { return nil }
        return headersReceived(list, on: headers.streamID, endStream: headers.endStream, from: side, at: time, &frame)
      case .continuation(let continuation):
        guard let block = openBlock(of: side), block.stream == continuation.streamID else { return nil }
        if continuation.endHeaders { closeBlock(of: side) }
        let list = decode(continuation.fragment, continuation.endHeaders, continues: true, from: side, &frame)
        guard let list, !block.isPromise else { return nil }
        return headersReceived(list, on: block.stream, endStream: block.endStream, from: side, at: time, &frame)
      case .pushPromise(let promise):
        _ = decode(promise.fragment, promise.endHeaders, from: side, &frame)
        if !promise.endHeaders { open(promise.streamID, endStream: false, isPromise: true, from: side) }
        return nil
      case .settings(let settings):
        allowTable(settings, announcedBy: side)
        return nil
      case .resetStream(let reset):
        return callReset(reset, by: side, at: time)
      case .data, .priority, .ping, .goAway, .windowUpdate, .unknown: return nil
      }
    }
  }

  /// RFC 9113 section 6.10: nothing but CONTINUATION may come while a block is open, and none at any other time.
  private mutating func checkOpenBlock(_ header: FrameHeader, from side: TapSide, _ frame: inout TappedFrame) {
    if let block = openBlock(of: side) {
      guard header.type != .continuation || header.streamID != block.stream else { return }
      frame.remarks.append("\(ConnectionFault.continuationExpected)")
      closeBlock(of: side)
      setLost(side)
    } else if header.type == .continuation {
      frame.remarks.append("\(ConnectionFault.continuationUnexpected)")
    }
  }

  private mutating func decode(
    _ fragment: ByteBuffer, _ isComplete: Bool, continues: Bool = false, from side: TapSide,
    _ frame: inout TappedFrame
  ) -> HeaderList? {
    guard !hasLost(side) else {
      if isComplete {
        frame.remarks.append("not decoded: a header block before it was lost, and HPACK's table with it")
      }
      return nil
    }
    do throws(ConnectionFault) {
      let list =
        switch side {
        case .client where continues: try client.headers.continuation(fragment, isComplete: isComplete)
        case .client: try client.headers.headers(fragment, isComplete: isComplete)
        case .server where continues: try server.headers.continuation(fragment, isComplete: isComplete)
        case .server: try server.headers.headers(fragment, isComplete: isComplete)
        }
      guard let list else { return nil }
      frame.headers = list.headers
      if case .malformed(let fault) = list.kind { frame.remarks.append("malformed: \(fault)") }
      return list
    } catch {
      frame.remarks.append("\(error)")
      setLost(side)
      return nil
    }
  }

  private mutating func open(_ stream: StreamID, endStream: Bool, isPromise: Bool, from side: TapSide) {
    let block = (stream: stream, endStream: endStream, isPromise: isPromise)
    if side == .client { client.openBlock = block } else { server.openBlock = block }
  }

  private func openBlock(of side: TapSide) -> (stream: StreamID, endStream: Bool, isPromise: Bool)? {
    side == .client ? client.openBlock : server.openBlock
  }

  private mutating func closeBlock(of side: TapSide) {
    if side == .client { client.openBlock = nil } else { server.openBlock = nil }
  }

  private func hasLost(_ side: TapSide) -> Bool { side == .client ? client.hasLostHeaders : server.hasLostHeaders }

  private mutating func setLost(_ side: TapSide) {
    if side == .client { client.hasLostHeaders = true } else { server.hasLostHeaders = true }
  }

  /// A header block that was not read leaves the table unknown.
  private mutating func loseHeaders(with header: FrameHeader, from side: TapSide) {
    switch header.type {
    case .headers, .continuation, .pushPromise: setLost(side)
    default: break
    }
  }

  /// SETTINGS say how large the table may be that the other side writes with (RFC 7541 section 4.2).
  private mutating func allowTable(_ settings: SettingsFrame, announcedBy side: TapSide) {
    for parameter in settings.parameters where parameter.id == .headerTableSize {
      let size = min(Int(parameter.value), limits.maximumHeaderTableBytes)
      if side == .client { server.headers.tableSizeAllowed(size) } else { client.headers.tableSizeAllowed(size) }
    }
  }

  // MARK: Calls

  private mutating func headersReceived(
    _ list: HeaderList, on stream: StreamID, endStream: Bool, from side: TapSide, at time: NIODeadline,
    _ frame: inout TappedFrame
  ) -> CallSummary? {
    let headers = list.headers
    if side == .client, calls[stream] == nil, calls.count < limits.maximumCalls, let path = headers.first(name: ":path")
    {
      let isGRPC = headers.first(name: "content-type")?.hasPrefix("application/grpc") ?? false
      let call = TappedCall(
        method: headers.first(name: ":method") ?? "", path: path, startedAt: time,
        isGRPC: isGRPC && connection.proto == .grpc)
      call.client.encoding = headers.first(name: "grpc-encoding")
      calls[stream] = call
    }
    guard let call = calls[stream] else { return nil }
    frame.path = call.path
    if side == .server, let status = headers.first(name: ":status").flatMap({ Int($0) }) {
      call.httpStatus = status
      call.server.encoding = headers.first(name: "grpc-encoding")
    }
    guard endStream else { return nil }
    return streamEnded(call, stream, by: side, trailers: headers, at: time, &frame)
  }

  private mutating func dataReceived(
    _ piece: ByteBuffer, on stream: StreamID, from side: TapSide, keepsOctets: Bool
  ) {
    guard let call = calls[stream], call.isGRPC else { return }
    let before = call.reservedBytes
    var piece = piece
    while true {
      let free = limits.maximumPartialBytes - partialBytes
      let room = keepsOctets ? min(limits.maximumMessageBytes, free) : -1
      guard let message = call[side].observer.next(from: &piece, keepingUpTo: room) else { break }
      call[side].messages += 1
      if keepsOctets, call[side].inFrame.count < Self.maximumMessagesShown {
        call[side].inFrame.append(TappedMessage(message: message, encoding: call[side].encoding))
      }
    }
    partialBytes += call.reservedBytes - before
  }

  /// Of one frame; a frame of 16 KiB can hold 3,276 empty messages.
  private static let maximumMessagesShown = 1000

  private mutating func dataEnded(
    _ frame: inout TappedFrame, from side: TapSide, at time: NIODeadline
  ) -> CallSummary? {
    let header = frame.observed.header
    guard let call = calls[header.streamID] else { return nil }
    if call.isGRPC {
      frame.messages = call[side].inFrame
      call[side].inFrame = []
      if call[side].observer.isLost { frame.remarks.append("no gRPC message: the compressed flag is neither 0 nor 1") }
      if frame.messages.count == Self.maximumMessagesShown { frame.remarks.append("further messages are not shown") }
    }
    guard header.flags.contains(.endStream) else { return nil }
    return streamEnded(call, header.streamID, by: side, trailers: nil, at: time, &frame)
  }

  private mutating func streamEnded(
    _ call: TappedCall, _ stream: StreamID, by side: TapSide, trailers: HPACKHeaders?, at time: NIODeadline,
    _ frame: inout TappedFrame
  ) -> CallSummary? {
    if call.isGRPC, call[side].observer.isInsideMessage { frame.remarks.append("the stream ends inside a message") }
    call[side].hasEnded = true
    var end: CallSummary?
    if side == .server {
      let httpStatus = call.httpStatus
      if let trailers, trailers.contains(name: "grpc-status") || call.isGRPC {
        end = summary(of: call, on: stream, .status(GRPCStatus(trailers: trailers, httpStatus: httpStatus)), at: time)
      } else {
        end = summary(of: call, on: stream, .http(status: httpStatus ?? 0), at: time)
      }
    }
    if call[side.other].hasEnded { forget(stream) }
    return end
  }

  private mutating func callReset(_ reset: ResetStreamFrame, by side: TapSide, at time: NIODeadline) -> CallSummary? {
    guard let call = calls[reset.streamID] else { return nil }
    defer { forget(reset.streamID) }
    // A server that has answered resets what it does not want to read any more; the call has ended before.
    guard !call.server.hasEnded else { return nil }
    return summary(of: call, on: reset.streamID, .reset(by: side, reset.code), at: time)
  }

  private mutating func forget(_ stream: StreamID) {
    guard let call = calls.removeValue(forKey: stream) else { return }
    partialBytes -= call.reservedBytes
  }

  private mutating func summary(
    of call: TappedCall, on stream: StreamID, _ end: CallSummary.End, at time: NIODeadline
  ) -> CallSummary? {
    endedCalls += 1
    guard filter.admits(connection.number, stream, path: call.path) else { return nil }
    return CallSummary(
      streamID: stream, method: call.method, path: call.path, end: end, duration: time - call.startedAt,
      up: call.client.messages, down: call.server.messages)
  }
}

/// One read of a connection, for the records that come of it.
struct TapRead {
  var connection: TapConnection
  var side: TapSide?
  var time: NIODeadline
  var number: Int

  func record(_ content: TapRecord.Content) -> TapRecord {
    TapRecord(connection: connection, side: side, time: time, read: number, content: content)
  }

  /// A call is nobody's read.
  func summary(_ summary: CallSummary) -> TapRecord {
    TapRecord(connection: connection, side: nil, time: time, read: number, content: .call(summary))
  }
}
