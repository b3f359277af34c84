public import HTTP2
public import NIOCore
public import NIOHPACK

/// One connection of a `ScriptedUpstream`; used on its event loop only.
public final class ScriptedConnection: ChannelInboundHandler {
  public typealias InboundIn = ByteBuffer
  public typealias OutboundOut = ByteBuffer

  public struct Options: Sendable {
    /// What the first SETTINGS say.
    public var settings: [SettingsFrame.Parameter] = []
    /// Sends SETTINGS when connected.
    public var greets = true
    /// Acknowledges SETTINGS and PING.
    public var acknowledges = true
    /// Gives received DATA back to both windows at once.
    public var opensWindows = true
    /// Writes every byte by itself, each in a packet of its own if the system so likes.
    public var writesSingleBytes = false

    public init(settings: [SettingsFrame.Parameter] = [], greets: Bool = true, writesSingleBytes: Bool = false) {
      self.settings = settings
      self.greets = greets
      self.writesSingleBytes = writesSingleBytes
    }
  }

  public let channel: any Channel
  /// For whatever a script wants to remember about the connection.
  public var notes: [String: Int] = [:]
  private let options: Options
  private let script: ScriptedUpstream.Script
  private var reader = FrameReader(expecting: .clientPreface, dataDelivery: .wholeFrames)
  private var headerReader = HeaderBlockReader(limits: ConnectionLimits())
  private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
  private var openBlock: (id: StreamID, endStream: Bool)?
  private var pacing = PacedStreams()
  private var pending = ByteBuffer()
  private var isInEvent = false

  init(channel: any Channel, options: Options, script: @escaping ScriptedUpstream.Script) {
    self.channel = channel
    self.options = options
    self.script = script
  }

  // MARK: What a script writes

  /// Bytes as they are.
  public func raw(_ bytes: ByteBuffer) {
    pending.writeImmutableBuffer(bytes)
    flushUnlessInEvent()
  }

  public func raw(_ bytes: [UInt8]) { raw(ByteBuffer(bytes: bytes)) }

  public func frame(_ header: FrameHeader, _ payload: [UInt8] = []) {
    var buffer = ByteBuffer()
    header.write(into: &buffer)
    buffer.writeBytes(payload)
    raw(buffer)
  }

  public func settings(_ parameters: [SettingsFrame.Parameter]) { write { SettingsFrame(parameters).write(into: &$0) } }

  public func acknowledgeSettings() { write { SettingsFrame.acknowledgement.write(into: &$0) } }

  public func ping(_ payload: UInt64, isAcknowledgement: Bool = false) {
    write { PingFrame(payload: payload, isAcknowledgement: isAcknowledgement).write(into: &$0) }
  }

  public func reset(_ id: StreamID, _ code: ErrorCode) {
    write { ResetStreamFrame(streamID: id, code: code).write(into: &$0) }
  }

  public func goAway(_ last: StreamID, _ code: ErrorCode = .noError) {
    write { GoAwayFrame(lastStreamID: last, code: code).write(into: &$0) }
  }

  public func windowUpdate(_ id: StreamID, _ increment: Int) {
    write { WindowUpdateFrame(streamID: id, increment: increment).write(into: &$0) }
  }

  /// A header block, in as many frames as `fragmentBytes` makes of it.
  public func headers(
    _ id: StreamID, _ fields: [(String, String)], endStream: Bool = false, padding: UInt8? = nil,
    priority: StreamPriority? = nil, fragmentBytes: Int = 16_384, indexing: HPACKIndexing = .indexable
  ) {
    var block = ByteBuffer()
    var headers = HPACKHeaders()
    for (name, value) in fields { headers.add(name: name, value: value, indexing: indexing) }
    do { try encoder.encode(headers: headers, to: &block) } catch { return }
    let first = block.readSlice(length: min(fragmentBytes, block.readableBytes)) ?? ByteBuffer()
    let isWhole = block.readableBytes == 0
    write {
      HeadersFrame(streamID: id, fragment: first, endStream: endStream, endHeaders: isWhole, priority: priority)
        .write(into: &$0, padding: padding)
    }
    while let fragment = block.readSlice(length: min(fragmentBytes, block.readableBytes)), fragment.readableBytes > 0 {
      let isLast = block.readableBytes == 0
      write { ContinuationFrame(streamID: id, fragment: fragment, endHeaders: isLast).write(into: &$0) }
    }
  }

  public func data(_ id: StreamID, _ bytes: [UInt8], endStream: Bool = false, padding: UInt8? = nil) {
    write {
      DataFrame(streamID: id, payload: ByteBuffer(bytes: bytes), endStream: endStream).write(
        into: &$0, padding: padding)
    }
  }

  /// The usual beginning of a gRPC response.
  public func respond(_ id: StreamID, _ fields: [(String, String)] = []) {
    headers(id, [(":status", "200"), ("content-type", "application/grpc")] + fields)
  }

  /// One gRPC message in DATA frames of at most `frameBytes`.
  public func message(_ id: StreamID, _ bytes: [UInt8], flag: UInt8 = 0, frameBytes: Int = 16_384) {
    var whole = Self.framed(bytes, flag: flag)[...]
    repeat {
      data(id, Array(whole.prefix(frameBytes)))
      whole = whole.dropFirst(frameBytes)
    } while !whole.isEmpty
  }

  /// The usual end of a gRPC response.
  public func trailers(_ id: StreamID, status: Int = 0, _ fields: [(String, String)] = []) {
    headers(id, [("grpc-status", "\(status)")] + fields, endStream: true)
  }

  /// Bytes of any number that leave as the gateway's windows allow, trailers with status 0 behind them if so wanted.
  public func paced(_ id: StreamID, _ bytes: [UInt8], trailers: Bool = false) {
    pacing.append(id, bytes, ends: trailers)
    sendPaced()
  }

  /// Paced bytes of a stream that the windows still hold back.
  public func unsentPacedBytes(_ id: StreamID) -> Int { pacing.unsent(id) }

  private func sendPaced() {
    while let piece = pacing.next() {
      if !piece.bytes.isEmpty { data(piece.id, piece.bytes) }
      if piece.ends { trailers(piece.id) }
    }
  }

  /// A gRPC message with its prefix.
  public static func framed(_ bytes: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.writeMultipleIntegers(flag, UInt32(bytes.count))
    buffer.writeBytes(bytes)
    return Array(buffer.readableBytesView)
  }

  public func close() {
    flush()
    channel.close(promise: nil)
  }

  /// Closes behind bytes that are no frame.
  public func close(after text: String) {
    raw(ByteBuffer(string: text))
    close()
  }

  /// Runs later on the connection's event loop.
  public func after(_ delay: TimeAmount, _ action: @escaping (ScriptedConnection) -> Void) {
    channel.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in action(self) }
  }

  private func write(_ body: (inout ByteBuffer) -> Void) {
    body(&pending)
    flushUnlessInEvent()
  }

  private func flushUnlessInEvent() {
    if !isInEvent { flush() }
  }

  private func flush() {
    guard pending.readableBytes > 0 else { return }
    let bytes = pending
    pending = ByteBuffer()
    if options.writesSingleBytes {
      for byte in bytes.readableBytesView { channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil) }
    } else {
      channel.writeAndFlush(bytes, promise: nil)
    }
  }

  // MARK: From the channel

  public func channelActive(context: ChannelHandlerContext) {
    tell(.connected)
    if options.greets { settings(options.settings) }
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isInEvent = true
    reader.append(unwrapInboundIn(data))
    do throws(ConnectionFault) {
      while let frame = try reader.next() { try received(frame) }
    } catch {
      context.close(promise: nil)
    }
    isInEvent = false
    flush()
  }

  public func channelInactive(context: ChannelHandlerContext) {
    tell(.closed)
  }

  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func received(_ frame: Frame) throws(ConnectionFault) {
    pacing.received(frame)
    defer { sendPaced() }
    switch frame {
    case .headers(let headers):
      let list = try headerReader.headers(headers.fragment, isComplete: headers.endHeaders)
      openBlock = (headers.streamID, headers.endStream)
      if let list { script(self, .request(headers.streamID, list.headers, endStream: headers.endStream)) }
    case .continuation(let continuation):
      let list = try headerReader.continuation(continuation.fragment, isComplete: continuation.endHeaders)
      if let list, let openBlock { script(self, .request(openBlock.id, list.headers, endStream: openBlock.endStream)) }
    case .data(let data):
      if options.opensWindows, data.flowControlledBytes > 0 {
        windowUpdate(.connection, data.flowControlledBytes)
        if !data.endStream { windowUpdate(data.streamID, data.flowControlledBytes) }
      }
      script(self, .data(data.streamID, data.payload, endStream: data.endStream))
    case .settings(let settings):
      if options.acknowledges, !settings.isAcknowledgement { acknowledgeSettings() }
      script(self, .frame(frame))
    case .ping(let ping):
      if options.acknowledges, !ping.isAcknowledgement { self.ping(ping.payload, isAcknowledgement: true) }
      script(self, .frame(frame))
    default:
      script(self, .frame(frame))
    }
  }

  private func tell(_ event: ScriptedEvent) {
    let wasInEvent = isInEvent
    isInEvent = true
    script(self, event)
    isInEvent = wasInEvent
    flushUnlessInEvent()
  }
}
