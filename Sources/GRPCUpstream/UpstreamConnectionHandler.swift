internal import GRPCWire
internal import HTTP2
internal import NIOCore

/// Drives one connection: bytes to frames, frames to the machine, what comes of it to the calls; and the machine's
/// outbound bytes to the socket, once a tick.
///
/// No access to the machine is ever open while a delegate is called, so delegates may call back in.
final class UpstreamConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let eventLoop: any EventLoop
  let configuration: UpstreamConfiguration
  /// Until the connection has ended. Strong, as a weak reference would make every retain of the pool a slow one.
  var delegate: (any UpstreamConnectionDelegate)?
  var machine: HTTP2ClientConnectionStateMachine
  var reader: FrameReader
  var calls = StreamTable<UpstreamCall>()
  var context: ChannelHandlerContext?
  var isInRead = false
  var isFlushScheduled = false
  /// Inside a write, which may bring events of its own.
  var isFlushing = false
  var hasFreedStream = false
  /// A message's prefix on its way into the machine; kept for its memory.
  var prefix = ByteBuffer()
  /// Streams from here on have not been handed to the socket.
  var firstUnflushed = StreamID.firstOfClient
  var lastRead: NIODeadline
  var keepAliveTimer: Scheduled<Void>?
  var pingSentAt: NIODeadline?

  private(set) var isReady = false
  /// At least one call has been answered on it.
  private(set) var hasAnswered = false
  var readySince: NIODeadline?
  /// When the latest call ended.
  var lastCallEnded: NIODeadline?
  /// Follows the server's health, where that is wanted.
  var healthWatch: HealthWatch?
  /// Why it is being closed, when it was a fault.
  var lastFault: ConnectionFault?

  init(eventLoop: any EventLoop, configuration: UpstreamConfiguration, delegate: any UpstreamConnectionDelegate) {
    self.eventLoop = eventLoop
    self.configuration = configuration
    self.delegate = delegate
    var limits = configuration.http2
    limits.sendQueueHighWatermark = configuration.writeHighWatermark
    limits.sendQueueLowWatermark = configuration.writeLowWatermark
    machine = HTTP2ClientConnectionStateMachine(limits: limits)
    reader = machine.makeFrameReader()
    lastRead = eventLoop.now
  }

  var freeStreams: Int { machine.freeStreams }
  var openCalls: Int { calls.count - (healthWatch?.openStreams ?? 0) }
  var health: HealthStateMachine.Health { healthWatch?.health ?? .serving }
  var isServing: Bool { health == .serving }
  var lastUse: NIODeadline { lastCallEnded ?? readySince ?? lastRead }
  var isClosed: Bool { machine.isClosed }

  /// It has answered a call, or has at least lasted: a new one in its place is likely to do as well.
  func wasOfUse(at now: NIODeadline) -> Bool {
    guard let readySince else { return false }
    return hasAnswered || now - readySince >= .seconds(1)
  }

  // MARK: From the channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { connected() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    connected()
    context.fireChannelActive()
  }

  private func connected() {
    lastRead = eventLoop.now
    machine.connected()
    flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let now = eventLoop.now
    lastRead = now
    isInRead = true
    reader.append(unwrapInboundIn(data))
    do throws(ConnectionFault) {
      while !machine.isClosed, let frame = try reader.next() { received(frame, at: now) }
    } catch {
      fail(error)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isInRead = false
    flush()
    afterEvents()
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    machine.transportWritabilityChanged(context.channel.isWritable)
    // Within a write of ours the bytes it took are still in `outbound`; the loop there goes on by itself.
    if context.channel.isWritable, !isFlushing {
      machine.resumeSending()
      tellDrained()
      flush()
    }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A socket's error is followed by its end; what it says beyond "connection lost" is nothing callers could use.
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    ended()
    context.fireChannelInactive()
  }

  // MARK: Frames

  private func received(_ frame: Frame, at now: NIODeadline) {
    switch frame {
    case .data(let data): dataReceived(data)
    case .headers(let headers): perform(machine.headersReceived(headers))
    case .continuation(let continuation): perform(machine.continuationReceived(continuation))
    case .resetStream(let reset): resetReceived(reset, at: now)
    case .windowUpdate(let update): windowUpdateReceived(update, at: now)
    case .settings(let settings): settingsReceived(settings, at: now)
    case .ping(let ping): pingReceived(ping, at: now)
    case .goAway(let goAway): goAwayReceived(goAway)
    case .pushPromise:
      if let fault = machine.pushPromiseReceived() { close(over: fault) }
    case .priority, .unknown: break
    }
  }

  private func dataReceived(_ frame: DataFrame) {
    switch machine.dataReceived(frame) {
    case .deliver(let endStream):
      let call = endStream ? remove(frame.streamID) : calls[frame.streamID]
      call?.dataReceived(frame.payload, endStream: endStream)
    case .discard: break
    case .streamFault(let fault): streamFaulted(frame.streamID, fault)
    case .connectionFault(let fault): close(over: fault)
    }
  }

  private func perform(_ action: HTTP2ClientConnectionStateMachine.HeadersAction) {
    switch action {
    case .none: break
    case .response(let id, let list, let endStream):
      hasAnswered = true
      let call = endStream ? remove(id) : calls[id]
      call?.headersReceived(list, endStream: endStream)
    case .trailers(let id, let list): remove(id)?.trailersReceived(list.headers)
    case .streamFault(let id, let fault): streamFaulted(id, fault)
    case .connectionFault(let fault): close(over: fault)
    }
  }

  private func resetReceived(_ frame: ResetStreamFrame, at now: NIODeadline) {
    switch machine.resetReceived(frame, at: now) {
    case .none: break
    case .reset(let code):
      guard let call = remove(frame.streamID), let end = call.resetReceived(code) else { return }
      // REFUSED_STREAM promises that nothing was done (RFC 9113 section 8.7).
      if code == .refusedStream {
        delegate?.callUnprocessed(call, orEndWith: end)
      } else {
        call.end(end)
      }
    case .connectionFault(let fault): close(over: fault)
    }
  }

  private func windowUpdateReceived(_ frame: WindowUpdateFrame, at now: NIODeadline) {
    switch machine.windowUpdateReceived(frame, at: now) {
    case .none: tellDrained()
    case .streamFault(let fault): streamFaulted(frame.streamID, fault)
    case .connectionFault(let fault): close(over: fault)
    }
  }

  private func settingsReceived(_ frame: SettingsFrame, at now: NIODeadline) {
    switch machine.settingsReceived(frame, at: now) {
    case .ready:
      isReady = true
      readySince = now
      scheduleKeepAlive(in: configuration.keepAliveInterval)
      delegate?.connectionReady(self)
    case .changed:
      tellDrained()
      hasFreedStream = true
    case .none: break
    case .connectionFault(let fault): close(over: fault)
    }
  }

  private func pingReceived(_ frame: PingFrame, at now: NIODeadline) {
    switch machine.pingReceived(frame, at: now) {
    case .none, .acknowledged: break
    case .connectionFault(let fault): close(over: fault)
    }
  }

  private func goAwayReceived(_ frame: GoAwayFrame) {
    switch machine.goAwayReceived(frame) {
    case .none: break
    case .draining(let unprocessed, let code):
      delegate?.connectionDraining(self)
      let end = CallEnd.failure(.connectionLost, .unavailable, "the upstream is going away (\(code))")
      for id in unprocessed {
        guard let call = remove(id) else { continue }
        delegate?.callUnprocessed(call, orEndWith: end)
      }
    case .connectionFault(let fault): close(over: fault)
    }
  }

  func streamFaulted(_ id: StreamID, _ fault: StreamFault) {
    guard let call = remove(id) else { return }
    if fault == .malformedHeaders(.tooLarge) {
      call.end(.failure(.messageTooLarge, .resourceExhausted, "the upstream's metadata is larger than the limit"))
    } else {
      call.end(.failure(.badResponse, .internal, "the upstream's answer breaks HTTP/2: \(fault)"))
    }
  }

  func tellDrained() {
    while let id = machine.nextDrainedStream() { calls[id]?.queueDrained() }
  }

  func remove(_ id: StreamID) -> UpstreamCall? {
    hasFreedStream = true
    return calls.remove(id)
  }
}
