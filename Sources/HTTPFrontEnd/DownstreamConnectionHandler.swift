import ErrorBody
public import NIOCore
public import NIOHTTP1
import Transcoding

/// One HTTP/1.1 connection of a caller: hands requests to exchanges one after another, and writes what
/// they answer.
///
/// All decisions about order and persistence are `DownstreamConnectionStateMachine`'s; this class translates
/// channel events, keeps what is pipelined in line, and owns the connection's one timer.
public final class DownstreamConnectionHandler: ChannelDuplexHandler {
  public typealias InboundIn = HTTPServerRequestPart
  public typealias OutboundIn = Never
  public typealias OutboundOut = ByteBuffer

  let worker: Worker
  var context: ChannelHandlerContext?
  var machine = DownstreamConnectionStateMachine()
  var exchange: Exchange?
  /// A handshake that has been accepted, until its request ends.
  var opening: WebSocketOpening?
  /// What the connection is for once it has been upgraded.
  var session: WebSocketSession?
  /// Parts of pipelined requests. Bounded by what one read brings: reading pauses while it is not empty.
  private var inLine = CircularBuffer<HTTPServerRequestPart>()
  private var isServingLine = false
  private var readIsPending = false
  private var readIsWanted = true
  private var needsFlush = false
  let timer = DeadlineQueue.Entry()
  var headClock = RequestHeadClock(opened: .now())
  /// Since when the rest of a request whose answer is out is awaited.
  var answeredAt: NIODeadline = .now()
  /// The read that is on has brought at least a part of a request.
  private var readBroughtParts = false
  /// Where the parser gave up, while earlier requests are being answered.
  private var parserFault: RequestHeadFault?
  var writeStall = WriteStall()
  private var discardedBytes = 0
  var lingersUntil: NIODeadline?
  var drainsBy: NIODeadline = .distantFuture
  private(set) var remoteAddress = ""
  /// What was written since the exchange that is on began.
  private(set) var answerBytes = 0

  /// How the caller is spoken to.
  var transport: Transport

  public init(worker: Worker, transport: Transport = .cleartext) {
    self.worker = worker
    self.transport = transport
  }

  // MARK: Life of the channel

  public func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    remoteAddress = context.remoteAddress?.ipAddress ?? ""
    let now = NIODeadline.now()
    headClock = RequestHeadClock(opened: now)
    wake(at: now + worker.configuration.headerTimeout)
    worker.connectionOpened(self)
  }

  public func handlerRemoved(context: ChannelHandlerContext) {
    ended()
  }

  public func channelInactive(context: ChannelHandlerContext) {
    ended()
    context.fireChannelInactive()
  }

  private func ended() {
    guard context != nil else { return }
    countFailedHandshake()
    machine.connectionClosed()
    worker.timer.disarm(timer)
    exchange?.downstreamClosed()
    exchange = nil
    session?.downstreamClosed()
    session = nil
    inLine.removeAll()
    context = nil
    worker.connectionClosed(self)
  }

  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let fault = RequestHeadFault(parserError: error) {
      parserFault = fault
      if inLine.isEmpty { answerParserFault() }
      return
    }
    // More of what cannot be parsed: what came before it is still owed its answer.
    if let error = error as? ByteToMessageDecoderError, case .dataReceivedInErrorState(_, let bytes) = error {
      return discard(.body(bytes))
    }
    exchange?.downstreamClosed()
    exchange = nil
    session?.downstreamClosed()
    machine.connectionClosed()
    context.close(promise: nil)
  }

  /// The parser has given up. What came before is answered first; then it is the turn of what it met.
  private func answerParserFault() {
    guard let fault = parserFault else { return }
    if machine.acceptsNextRequest {
      parserFault = nil
      refuse(fault)
    } else if machine.isReceivingRequest {
      parserFault = nil
      machine.keepAliveForbidden()
      if let exchange { exchange.fail(GatewayError(fault)) } else { close() }
    }
  }

  // MARK: Reading

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    readBroughtParts = true
    if inLine.isEmpty, mayHandOn(part) {
      handOn(part)
    } else if machine.isLingering {
      discard(part)
    } else {
      inLine.append(part)
    }
  }

  public func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.requestBatchEnded()
    if !readBroughtParts, machine.isIdle { partialHeadReceived() }
    readBroughtParts = false
    session?.readBatchEnded()
    flushIfNeeded()
    context.fireChannelReadComplete()
  }

  public func read(context: ChannelHandlerContext) {
    if readIsWanted, inLine.isEmpty { context.read() } else { readIsPending = true }
  }

  private func mayHandOn(_ part: HTTPServerRequestPart) -> Bool {
    switch part {
    case .head: machine.acceptsNextRequest
    case .body, .end: machine.isReceivingRequest && !(exchange?.holdsUpload ?? false)
    }
  }

  private func handOn(_ part: HTTPServerRequestPart) {
    switch part {
    case .head(let head): begin(head)
    case .body(let bytes):
      if let exchange { exchange.requestBodyReceived(bytes) } else { discard(part) }
    case .end:
      if let opening { return upgrade(opening) }
      exchange?.requestEnded()
      act(on: machine.requestEnded())
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    do {
      let exchange = try Exchange(connection: self, worker: worker, head: head)
      // A protocol that is asked for and not taken up leaves the parser waiting for it: the connection ends.
      let keepAlive = exchange.facts.keepAlive && !exchange.facts.asksForUpgrade && !worker.isDraining
      guard machine.requestHeadReceived(keepAlive: keepAlive) == .begin else { return }
      discardedBytes = 0
      answerBytes = 0
      if exchange.facts.asksForUpgrade, WebSocketHandshake.isAskedFor(by: head, exchange.facts) {
        return beginUpgrade(head, exchange)
      }
      self.exchange = exchange
      exchange.start(head)
    } catch {
      refuse(error, origin: head.headers.first(name: "origin"))
    }
  }

  /// Serves what is in line until an exchange is on that has to be waited for.
  func serveLine() {
    guard !isServingLine else { return }
    isServingLine = true
    defer { isServingLine = false }
    while let part = inLine.first, mayHandOn(part) {
      inLine.removeFirst()
      handOn(part)
    }
    if inLine.isEmpty { answerParserFault() }
    resumeReading()
  }

  /// Called by the exchange when it cannot take more of the request, and again when it can.
  func setReading(_ wanted: Bool) {
    guard readIsWanted != wanted else { return }
    readIsWanted = wanted
    if wanted { resumeReading() }
  }

  private func resumeReading() {
    guard readIsPending, readIsWanted, inLine.isEmpty, let context else { return }
    readIsPending = false
    context.read()
  }

  private func discard(_ part: HTTPServerRequestPart) {
    switch part {
    case .body(let bytes):
      discardedBytes += bytes.readableBytes
      let limit =
        machine.isLingering ? worker.configuration.maximumLingeringBytes : worker.configuration.maximumDiscardedBody
      if discardedBytes > limit { close() }
    case .head, .end: break
    }
  }

  // MARK: Writing

  /// Bytes that wait for the caller here; the kernel has more.
  var waitingBytes: Int { (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }
  var isWritable: Bool { context?.channel.isWritable ?? false }
  var allocator: ByteBufferAllocator { context?.channel.allocator ?? ByteBufferAllocator() }
  var keepsAlive: Bool { machine.keepsAlive }

  func forbidKeepAlive() { machine.keepAliveForbidden() }

  func write(_ bytes: ByteBuffer) {
    guard let context else { return }
    answerBytes += bytes.readableBytes
    worker.metrics.responseBytes += bytes.readableBytes
    context.write(wrapOutboundOut(bytes), promise: nil)
    needsFlush = true
  }

  func flushIfNeeded() {
    guard needsFlush, let context else { return }
    needsFlush = false
    context.flush()
  }

  public func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      exchange?.writabilityChanged(true)
      session?.becameWritable()
    } else {
      wake(at: .now() + worker.configuration.writeStallTimeout)
    }
    context.fireChannelWritabilityChanged()
  }

  /// The exchange has written its answer to the end. `remainderIsShort`: what is left of the request is known
  /// to be little.
  func responseEnded(remainderIsShort: Bool, now: NIODeadline) {
    flushIfNeeded()
    exchange = nil
    // What is left of the request is read, if only to be thrown away.
    setReading(true)
    answeredAt = now
    headClock.exchangeEnded(at: answeredAt)
    // What still waits for the caller is looked at soon, so that a stall counts from its start.
    wake(at: answeredAt + Self.firstLookAtWaitingBytes)
    let action = machine.responseEnded(remainderIsShort: remainderIsShort)
    act(on: action)
  }

  /// The answer has to look cut off, since it is: whatever is written leaves, nothing terminates it.
  func breakResponse() {
    flushIfNeeded()
    exchange = nil
    setReading(true)
    act(on: machine.responseBroken())
  }

  private func act(on action: DownstreamConnectionStateMachine.DoneAction) {
    switch action {
    case .wait: break
    case .next: serveLine()
    case .close: closeWhenWritten()
    case .linger: linger()
    }
  }

  /// Closes the output and reads on for a while, so that the kernel does not reset the connection over
  /// bytes it holds unread and take the answer with it.
  func linger() {
    guard let context else { return }
    discardedBytes = 0
    let waiting = inLine
    inLine.removeAll()
    for part in waiting { discard(part) }
    let until = NIODeadline.now() + worker.configuration.maximumLingeringTime
    lingersUntil = until
    wake(at: until)
    context.close(mode: .output, promise: nil)
    resumeReading()
  }

  /// Answers a head that is not understood, and closes.
  func refuse(_ fault: RequestHeadFault, origin: String? = nil) {
    _ = machine.requestHeadReceived(keepAlive: false)
    let terms = worker.terms(requestID: "", keepAlive: false, isHTTP10: false, origin: origin)
    // RFC 9110 §15.5.6: a 405 names what is allowed; here it is the method as such that never is.
    let headers = fault.status == 405 ? [("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")] : []
    write(worker.answers.error(GatewayError(fault), terms: terms, isHead: false, headers: headers))
    flushIfNeeded()
    worker.metrics.answered(fault.status)
    act(on: machine.responseEnded(remainderIsShort: false))
  }
}
