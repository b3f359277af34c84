import ErrorBody
import GRPCUpstream
import GRPCWire
import NIOCore
import NIOWebSocket
import ProtobufJSON
import Transcoding

/// Drives one WebSocket session and its call: translates between frames, the transcoder and the upstream, and does
/// what `WebSocketSessionStateMachine` decides.
///
/// One text message is one JSON message, both ways. `WebSocketSession+Answer.swift` holds the upstream's half,
/// `WebSocketSession+Tally.swift` what is counted and logged.
final class WebSocketSession {
  unowned let connection: DownstreamConnectionHandler
  let worker: Worker
  let route: Route
  let requestBinding: RequestBinding
  var machine: WebSocketSessionStateMachine
  var call: UpstreamCall?
  /// The call until its first message.
  private var pendingCall: PendingCall?
  /// Its place among the calls in flight, from its first message on: an idle session holds none.
  private var place: AdmissionPlace?
  let metrics: MethodMetrics?
  let path: String
  let requestID: String
  var tally: ExchangeTally

  // The caller's half.
  private var assembler: WebSocketMessageAssembler
  /// What path and query bound; goes into the first message.
  private let boundBytes: [UInt8]
  /// Payloads of frames.
  private(set) var receivedBytes = 0
  var sentMessages = 0
  private var liveness: WebSocketLiveness
  private var isReading = true

  // The upstream's half.
  /// The message of a single answer, as JSON.
  var answer: ByteBuffer?
  var held = HeldMessages()
  var heldEnd: CallEnd?
  /// Frames that leave together at the end of the tick.
  var outgoing = ByteBuffer()
  private var awaitsTick = false
  /// The latest ping that was not answered because the caller does not read (RFC 6455 §5.5.3 asks for no more), so
  /// that a flood of pings cannot pile up pongs.
  private var waitingPong: ByteBuffer?
  /// The connection is no longer this session's.
  private(set) var isDetached = false

  // Times.
  private var callDeadline: NIODeadline = .distantFuture
  var lastMessage: NIODeadline
  private var closeWait = WebSocketCloseWait()

  init(connection: DownstreamConnectionHandler, worker: Worker, opening: WebSocketOpening) {
    self.connection = connection
    self.worker = worker
    route = opening.route
    requestBinding = opening.requestBinding
    boundBytes = opening.boundBytes
    pendingCall = opening.call
    metrics = worker.metrics(of: opening.route)
    machine = WebSocketSessionStateMachine(
      input: opening.input, answer: opening.route.serverStreaming ? .stream : .single)
    let settings = worker.configuration.webSocket
    assembler = WebSocketMessageAssembler(
      maximumBytes: worker.configuration.maximumStreamedMessage, maximumFragments: settings.maximumFragments)
    path = opening.path
    requestID = opening.requestID
    tally = ExchangeTally(began: opening.began)
    tally.status = 101
    lastMessage = .now()
    liveness = WebSocketLiveness(interval: settings.pingInterval, timeout: settings.pongTimeout, now: lastMessage)
  }

  func start() {
    connection.wake(at: min(liveness.next, lastMessage + worker.configuration.streamIdleTimeout))
    if case .sendBound = machine.upgraded() { sendBound() }
  }

  // MARK: What the caller sends

  func frameReceived(_ frame: WebSocketFrame) {
    receivedBytes += frame.length
    switch assembler.received(frame) {
    case .none: break
    case .message(let text): messageReceived(text)
    case .ping(let payload): pingReceived(payload)
    case .close(let code): closeReceived(code)
    case .fault(let fault): faulted(fault)
    }
  }

  /// What one read brought has been handed on: the moment to hold the caller back.
  func readBatchEnded() {
    liveness.heard()
    adjustReading()
  }

  func adjustReading() {
    isReading = machine.isOpen ? call?.isWritable ?? true : true
    connection.setReading(isReading)
  }

  private func messageReceived(_ text: ByteBuffer) {
    lastMessage = .now()
    switch machine.messageReceived(isEmpty: text.readableBytes == 0) {
    case .send: send(text, isOnly: false)
    case .sendOnly: send(text, isOnly: true)
    case .sendBound: sendBound()
    case .finish: finish()
    case .refuse:
      cancelCall()
      tell(.messageNotTaken)
    case .drop: break
    }
  }

  private func send(_ text: ByteBuffer, isOnly: Bool) {
    let scratch = worker.takeScratch()
    defer { worker.giveBack(scratch) }
    if tally.messagesSent == 0 { boundBytes.withUnsafeBytes { scratch.buffer.append(contentsOf: $0) } }
    do {
      try route.binding.encodeBody(
        text.readableBytesSpan, after: requestBinding, itemIndex: isOnly ? nil : tally.messagesSent,
        into: &scratch.buffer)
    } catch {
      return fail(GatewayError(error))
    }
    tally.messagesSent += 1
    openPendingCall()
    scratch.buffer.withBytes { isOnly ? call?.sendLast($0) : call?.send($0) }
  }

  private func sendBound() {
    openPendingCall()
    tally.messagesSent += 1
    let bytes = boundBytes
    call?.sendLast(bytes.span.bytes)
  }

  /// An empty stream is one message where path or query bind a value, and none where they do not.
  private func finish() {
    guard tally.messagesSent == 0, requestBinding.setsFields else {
      openPendingCall()
      call?.finish()
      return
    }
    sendBound()
  }

  private func openPendingCall() {
    guard let pending = pendingCall else { return }
    pendingCall = nil
    guard let place = worker.admission.admitAtOnce() else { return fail(.overloaded) }
    self.place = place
    if let timeout = pending.timeout {
      callDeadline = .now() + timeout
      connection.wake(at: callDeadline)
    }
    if worker.accessLog != nil { tally.callOpened = .now() }
    call = worker.pool(for: route).call(
      route.upstream, metadata: pending.metadata, timeout: pending.timeout, delegate: self)
  }

  private func pingReceived(_ payload: ByteBuffer) {
    guard machine.isOpen else { return }
    if connection.isWritable { writeFrame(.pong, payload) } else { waitingPong = payload }
  }

  func writeWaitingPong() {
    guard let payload = waitingPong, machine.isOpen else { return }
    waitingPong = nil
    writeFrame(.pong, payload)
  }

  private func closeReceived(_ code: UInt16?) {
    switch machine.closeReceived() {
    case .cancelAndEcho:
      cancelCall()
      callEnded(.cancelled)
      var payload = ByteBuffer()
      if let code { payload.writeInteger(code) }
      writeFrame(.connectionClose, payload)
      closeTally()
      closeConnection()
    case .closeConnection: closeConnection()
    case .drop: break
    }
  }

  /// A frame that RFC 6455 forbids: by the assembler, or by the decoder in front of it.
  func faulted(_ fault: WebSocketClose) {
    switch machine.faulted() {
    case .cancelAndClose:
      cancelCall()
      callEnded(.cancelled)
      close(fault)
      flush()
      // The caller may be sending still: reading on for a while lets it see why.
      connection.linger()
    case .closeConnection: closeConnection()
    case .drop: break
    }
  }

  // MARK: Ends

  /// The call cannot go on: the caller hears why.
  func fail(_ error: GatewayError) {
    guard case .cancelAndTell = machine.failed() else { return }
    cancelCall()
    tell(error)
  }

  /// Sends the error and closes with its code.
  func tell(_ error: GatewayError) {
    callEnded(error.code)
    if let reason = error.reason { worker.metrics.failed(reason) }
    let scratch = worker.takeScratch()
    worker.answers.render(error, into: &scratch.buffer)
    writeText(scratch.buffer)
    worker.giveBack(scratch)
    close(.call(error.code))
  }

  /// Writes our Close, behind what waits, and awaits the caller's for a while.
  func close(_ close: WebSocketClose) {
    held = HeldMessages()
    heldEnd = nil
    waitingPong = nil
    var payload = ByteBuffer()
    payload.writeInteger(close.code)
    payload.writeString(close.reason)
    writeFrame(.connectionClose, payload)
    closeTally()
    closeWait.begin(now: .now(), timeout: worker.configuration.webSocket.closeTimeout)
    connection.wake(at: closeWait.deadline)
    adjustReading()
  }

  private func closeConnection() {
    flush()
    connection.closeWhenWritten()
  }

  func cancelCall() {
    call?.cancel()
    call = nil
    pendingCall = nil
    givePlaceBack()
  }

  /// Its place among the calls in flight is free.
  func givePlaceBack() { place?.giveBack() }

  func downstreamClosed() {
    isDetached = true
    if case .cancel = machine.downstreamClosed() {
      cancelCall()
      callEnded(.cancelled)
    }
    closeTally()
    held = HeldMessages()
    heldEnd = nil
  }

  /// The gateway stops. `isOver`: what is not done by now will not be.
  func drain(isOver: Bool) {
    guard case .goAway = machine.drained(isOver: isOver) else { return }
    cancelCall()
    callEnded(.cancelled)
    close(.goingAway)
    flush()
  }

  // MARK: Writing

  func writeText(_ text: borrowing OutputBuffer) {
    makeRoom(for: text.count)
    outgoing.writeFrameHead(.text, length: text.count)
    text.withUnsafeBytes { _ = outgoing.writeBytes($0) }
  }

  func writeFrame(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
    makeRoom(for: payload.readableBytes)
    outgoing.writeFrameHead(opcode, length: payload.readableBytes)
    outgoing.writeImmutableBuffer(payload)
  }

  private func makeRoom(for count: Int) {
    if outgoing.readableBytes == 0 { outgoing = connection.allocator.buffer(capacity: count + 16) }
    guard !awaitsTick else { return }
    awaitsTick = true
    worker.atEndOfTick(self)
  }

  func tickEnded() {
    awaitsTick = false
    guard !isDetached else { return }
    flush()
  }

  /// Hands on what has gathered.
  func writeOutgoing() {
    guard outgoing.readableBytes > 0 else { return }
    connection.write(outgoing)
    outgoing = ByteBuffer()
  }

  private func flush() {
    writeOutgoing()
    connection.flushIfNeeded()
  }

  // MARK: Time

  /// Does what is due and says when to look again. `waiting`: bytes that the caller has not taken yet.
  func timePassed(now: NIODeadline, waiting: Int) -> NIODeadline {
    guard machine.isOpen else { return closingTimePassed(now: now, waiting: waiting) }
    // What waits for the caller is no silence: that it is taken has a limit of its own.
    if waiting > 0 { lastMessage = now }
    let idleEnd = lastMessage + worker.configuration.streamIdleTimeout
    if now >= callDeadline {
      fail(.deadlineExceeded)
      return closeWait.deadline
    }
    if now >= idleEnd {
      fail(.streamIdle)
      return closeWait.deadline
    }
    switch liveness.timePassed(now: now, canAnswer: isReading && waiting == 0) {
    case .wait: break
    case .ping: writeFrame(.ping, ByteBuffer())
    case .giveUp:
      downstreamClosed()
      connection.close()
      return .distantFuture
    }
    return min(callDeadline, idleEnd, liveness.next)
  }

  private func closingTimePassed(now: NIODeadline, waiting: Int) -> NIODeadline {
    guard machine.isClosing else { return .distantFuture }
    guard closeWait.timePassed(now: now, waiting: waiting) == .giveUp else { return closeWait.deadline }
    downstreamClosed()
    connection.close()
    return .distantFuture
  }
}

extension GatewayError {
  fileprivate static let messageNotTaken = GatewayError(
    downstream: "no message is taken here (any more): the method takes one request, or its stream was ended",
    httpStatus: 400)
}
