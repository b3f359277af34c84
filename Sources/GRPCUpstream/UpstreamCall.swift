internal import GRPCWire
internal import HTTP2
internal import NIOCore
internal import NIOHPACK

/// One gRPC call on its way; used on its event loop only.
///
/// Until the upstream answers, what was sent is kept as well (up to a limit), so that a call that certainly was not
/// processed can be made again without its caller noticing.
public final class UpstreamCall {
  private enum Stage {
    /// No stream yet; what is sent is kept.
    case waiting
    case open(UpstreamConnectionHandler, StreamID)
    /// The stream is over; what it brought is still being delivered.
    case answered
    case over
  }

  let route: UpstreamRoute
  /// What gRPC wants in front of the metadata: the timeout, and the attempts before this one.
  var definition: LiteralFields
  private(set) var metadata: CallMetadata
  let resources: CallResources
  /// The address it goes to, as far as that is decided.
  private(set) var pool: UpstreamPool?
  /// What the calls of its route say at that address.
  private(set) var head: RequestHead?
  /// Where it waits when no address is decided.
  var upstream: BalancedUpstream?
  var delegate: (any UpstreamCallDelegate)?
  private var stage = Stage.waiting
  private var isHalfClosed = false
  private(set) var isEnded = false
  private var hasBeenRetried = false
  /// Never made again elsewhere, since it is about the connection itself.
  var isBoundToConnection = false
  /// Decides on further attempts; nil on routes without a policy.
  var retry: RetryStateMachine?
  var retryTimer: Scheduled<Void>?

  /// What was sent, with prefixes, as long as it may have to be sent again.
  private var replay: ByteBuffer
  private var keepsReplay = true

  var response = UpstreamResponseStateMachine()
  var deframer: MessageDeframer
  var credit = MessageCredit()
  /// What arrived while the caller held so much that nothing more is delivered to it.
  var backlog = ByteBuffer()
  var isDelivering = false
  /// How the call ends when everything is delivered.
  var pendingEnd: CallEnd?

  /// False when so much waits for the upstream that the sender should pause until the delegate is told otherwise.
  public private(set) var isWritable = true

  init(
    resources: CallResources, route: UpstreamRoute, definition: LiteralFields, metadata: CallMetadata,
    replay: ByteBuffer, delegate: any UpstreamCallDelegate
  ) {
    self.resources = resources
    self.route = route
    self.definition = definition
    self.metadata = metadata
    self.replay = replay
    self.delegate = delegate
    deframer = MessageDeframer(maximumMessageBytes: resources.configuration.maximumMessageBytes)
  }

  var configuration: UpstreamConfiguration { resources.configuration }

  // MARK: What the caller asks

  /// Sends one message, given without prefix. When the windows do not allow it now, it is kept and sent as they open.
  public func send(_ message: RawSpan) {
    resources.withEncoded(message) { send($0, isCompressed: $1, endStream: false) }
  }

  /// Sends the last message and half-closes with it.
  public func sendLast(_ message: RawSpan) {
    resources.withEncoded(message) { send($0, isCompressed: $1, endStream: true) }
  }

  /// Half-closes: no message will follow.
  public func finish() {
    guard !isEnded, !isHalfClosed else { return }
    isHalfClosed = true
    guard case .open(let connection, let id) = stage else { return }
    _ = connection.send(framed: ByteBuffer(), endStream: true, on: id)
  }

  /// Ends the call without a word to the delegate; the upstream sees RST_STREAM CANCEL.
  public func cancel() {
    guard !isEnded else { return }
    let stage = stage
    if case .waiting = stage { leaveLine() }
    over()
    if case .open(let connection, let id) = stage { connection.cancel(id) }
  }

  /// Gives back messages the delegate got, so that the upstream may send more.
  ///
  /// - Parameters:
  ///   - bytes: the sum of the messages' lengths, as they were delivered.
  ///   - messages: how many they were; prefixes count too, so that a stream of empty messages is bounded as well.
  public func consumed(_ bytes: Int, messages: Int = 1) {
    guard !isEnded else { return }
    credit.consumed(bytes, messages: messages)
    resumeDelivery()
  }

  private func send(_ message: RawSpan, isCompressed: Bool, endStream: Bool) {
    guard !isEnded, !isHalfClosed else { return }
    if endStream { isHalfClosed = true }
    keep(message, isCompressed)
    switch stage {
    case .waiting: isWritable = replay.readableBytes <= configuration.writeHighWatermark
    case .open(let connection, let id):
      if !connection.send(message, isCompressed: isCompressed, endStream: endStream, on: id) { isWritable = false }
    case .answered, .over: break
    }
  }

  private func keep(_ message: RawSpan, _ isCompressed: Bool) {
    guard keepsReplay else { return }
    if case .open = stage, replay.readableBytes + message.byteCount > configuration.maximumReplayBytes {
      dropReplay()
      return
    }
    do throws(MessageFault) {
      try MessageFramer.writePrefix(length: message.byteCount, isCompressed: isCompressed, into: &replay)
      replay.writeBytes(message)
    } catch {
      end(.failure(.messageTooLarge, error.grpcCode, error.message))
    }
  }

  private func leaveLine() {
    if let upstream { upstream.forget(self) } else { pool?.forget(self) }
  }

  private func dropReplay() {
    guard keepsReplay else { return }
    keepsReplay = false
    let buffer = replay
    replay = ByteBuffer()
    resources.recycle(buffer)
  }

  // MARK: What its connection tells

  /// An address has been chosen for it.
  func adopted(by pool: UpstreamPool, head: RequestHead) {
    self.pool = pool
    self.head = head
    upstream = nil
  }

  /// A stream has been opened for it.
  func opened(on connection: UpstreamConnectionHandler, _ id: StreamID) {
    stage = .open(connection, id)
    guard replay.readableBytes > 0 || isHalfClosed else { return }
    let mayGoOn = connection.send(framed: replay, endStream: isHalfClosed, on: id)
    if replay.readableBytes > configuration.maximumReplayBytes { dropReplay() }
    if mayGoOn { queueDrained() } else { isWritable = false }
  }

  /// What waited has gone.
  func queueDrained() {
    guard !isWritable, !isEnded else { return }
    isWritable = true
    delegate?.upstreamWritabilityChanged(true)
  }

  /// True when nothing the upstream did or may have done stands against making the call again.
  var mayBeRetried: Bool {
    !isEnded && keepsReplay && !hasBeenRetried && !response.hasBegun && !isBoundToConnection
  }

  /// True while all that was sent is kept and nothing of an answer has been passed on.
  var mayBeMadeAgain: Bool { !isEnded && keepsReplay && !isBoundToConnection }

  /// As if nothing had been answered: a further attempt follows.
  func beginAnew() {
    stage = .waiting
    response = UpstreamResponseStateMachine()
    deframer = MessageDeframer(maximumMessageBytes: configuration.maximumMessageBytes)
    credit = MessageCredit()
    backlog = ByteBuffer()
    pendingEnd = nil
  }

  /// Takes the call off its dead stream.
  func retrying() {
    hasBeenRetried = true
    stage = .waiting
  }

  /// The upstream has answered: the call is not made again.
  func answerBegun() {
    dropReplay()
  }

  /// The upstream is done with the stream; only the delivery goes on.
  func streamEnded() {
    if case .open = stage { stage = .answered }
  }

  /// The stream that is still open, if any.
  var openStream: (UpstreamConnectionHandler, StreamID)? {
    if case .open(let connection, let id) = stage { (connection, id) } else { nil }
  }

  /// Ends the call; the delegate hears of it once.
  func end(_ end: CallEnd) {
    guard !isEnded else { return }
    if retry != nil, isRetried(insteadOf: end) { return }
    let delegate = delegate
    over()
    delegate?.upstreamFinished(end)
  }

  private func over() {
    isEnded = true
    stage = .over
    retryTimer?.cancel()
    retryTimer = nil
    response.ended()
    delegate = nil
    upstream = nil
    backlog = ByteBuffer()
    pendingEnd = nil
    dropReplay()
    let used = metadata
    metadata = CallMetadata()
    resources.recycle(used)
  }
}
