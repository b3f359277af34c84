internal import GRPCWire
internal import HTTP2
internal import NIOCore

/// What calls ask of their connection.
extension UpstreamConnectionHandler {
  /// Opens a stream for a call; false when there is none to be had.
  func start(_ call: UpstreamCall) -> Bool {
    guard let head = call.head else { return false }
    switch machine.open(head, definition: call.definition, metadata: call.metadata.fields) {
    case .opened(let id):
      calls.insert(call, for: id)
      scheduleFlush()
      call.opened(on: self, id)
      return true
    case .unavailable:
      return false
    case .connectionFault(let fault):
      close(over: fault)
      return false
    }
  }

  /// Sends one message with its prefix.
  ///
  /// - Returns: true when the call may send more at once.
  func send(_ message: RawSpan, isCompressed: Bool, endStream: Bool, on id: StreamID) -> Bool {
    prefix.clear()
    do throws(MessageFault) {
      try MessageFramer.writePrefix(length: message.byteCount, isCompressed: isCompressed, into: &prefix)
    } catch {
      machine.reset(id, .cancel)
      remove(id)?.end(.failure(.messageTooLarge, error.grpcCode, error.message))
      return false
    }
    let prefix = prefix
    scheduleFlush()
    return machine.send(prefix.readableBytesSpan, message, endStream: endStream, on: id) != .pause
  }

  /// Sends bytes that have their prefixes already, or nothing but the end.
  func send(framed bytes: ByteBuffer, endStream: Bool, on id: StreamID) -> Bool {
    scheduleFlush()
    return machine.send(bytes.readableBytesSpan, RawSpan(), endStream: endStream, on: id) != .pause
  }

  func giveBack(_ count: Int, on id: StreamID) {
    machine.giveBack(count, on: id)
    if machine.outbound.readableBytes > 0 { scheduleFlush() }
  }

  /// Resets the stream; the call hears no more of it.
  func cancel(_ id: StreamID, _ code: ErrorCode = .cancel) {
    guard remove(id) != nil else { return }
    machine.reset(id, code)
    scheduleFlush()
  }

  // MARK: Out

  /// Sees to it that what was written leaves at the end of this tick.
  func scheduleFlush() {
    guard !isInRead, !isFlushScheduled else { return }
    isFlushScheduled = true
    eventLoop.assumeIsolated().execute { [self] in
      isFlushScheduled = false
      flush()
      afterEvents()
    }
  }

  /// What has to be done once after a run of events, whatever they were.
  func afterEvents() {
    if hasFreedStream {
      hasFreedStream = false
      lastCallEnded = lastRead
      delegate?.connectionHasRoom(self)
    }
    if machine.isDraining, calls.isEmpty { context?.close(promise: nil) }
  }

  /// Hands everything that is written to the socket, if it takes anything.
  func flush() {
    guard !isFlushing, let context, context.channel.isActive else { return }
    isFlushing = true
    defer { isFlushing = false }
    while machine.outbound.readableBytes > 0, context.channel.isWritable {
      if let next = machine.nextStreamID { firstUnflushed = next }
      context.writeAndFlush(wrapOutboundOut(machine.outbound), promise: nil)
      machine.outboundTaken()
      // The socket may have become unwritable, or the connection closed, within the write.
      guard !machine.isClosed else { return }
      machine.resumeSending()
      tellDrained()
    }
  }

  // MARK: The end

  /// The reader or the machine has found a fault of the connection.
  func fail(_ fault: ConnectionFault) {
    machine.failed(fault)
    close(over: fault)
  }

  /// Lets the GOAWAY out and closes; the machine is closed already.
  func close(over fault: ConnectionFault) {
    guard let context else { return }
    lastFault = fault
    if context.channel.isActive, machine.outbound.readableBytes > 0 {
      context.writeAndFlush(wrapOutboundOut(machine.outbound), promise: nil)
      machine.outboundTaken()
    }
    context.close(promise: nil)
  }

  /// Stops opening streams and closes when the last call is over.
  func drain() {
    guard !machine.isClosed else { return }
    healthWatch?.stop()
    machine.goAway()
    scheduleFlush()
  }

  /// Closes now; open calls end as lost.
  func closeNow() {
    context?.close(promise: nil)
  }

  /// The socket is closed.
  func ended() {
    keepAliveTimer?.cancel()
    keepAliveTimer = nil
    healthWatch?.stop()
    machine.disconnected()
    let why =
      lastFault.map { "the connection to the upstream was closed: \($0)" } ?? "the connection to the upstream was lost"
    let end = CallEnd.failure(.connectionLost, .unavailable, why)
    for id in calls.ids {
      guard let call = calls.remove(id) else { continue }
      if id >= firstUnflushed {
        delegate?.callUnprocessed(call, orEndWith: end)
      } else {
        call.end(end)
      }
    }
    let delegate = delegate
    self.delegate = nil
    delegate?.connectionClosed(self)
  }

  // MARK: Keepalive

  func scheduleKeepAlive(in delay: TimeAmount) {
    keepAliveTimer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in keepAliveElapsed() }
  }

  private func keepAliveElapsed() {
    guard !machine.isClosed else { return }
    let now = eventLoop.now
    if let sent = pingSentAt {
      if lastRead < sent {
        fail(.keepAliveTimeout)
        return
      }
      pingSentAt = nil
    }
    let silent = now - lastRead
    guard silent >= configuration.keepAliveInterval else {
      scheduleKeepAlive(in: configuration.keepAliveInterval - silent)
      return
    }
    guard openCalls > 0 else {
      delegate?.connectionIdle(self)
      scheduleKeepAlive(in: configuration.keepAliveInterval)
      return
    }
    pingSentAt = now
    machine.ping(Self.keepAlivePayload)
    flush()
    scheduleKeepAlive(in: configuration.keepAliveTimeout)
  }

  /// "keepaliv"; one is enough, as only a sign of life is wanted.
  private static var keepAlivePayload: UInt64 { 0x6b65_6570_616c_6976 }
}
