import NIOCore
import NIOTLS

/// One of the two sockets of a relayed connection: what it reads goes to its partner, and past the tap.
///
/// The bytes leave first and are looked at then. Reading pauses while the partner's socket takes no more, or while as
/// much as is allowed waits because of a delay or a rate; so nothing piles up here. An end of input is handed on as one,
/// so that half-closed connections work.
final class RelayHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let side: TapSide
  private let connection: TappedConnection
  private var shaper: TrafficShaper
  private let maximumDelayedBytes: Int
  /// The handshake is not over; it has to be read, though there is nobody yet to hand anything on to.
  private(set) var awaitsTLS: Bool
  /// Called once the handshake is over.
  private let onTLS: () -> Void
  /// Called once the socket is closed.
  private let onClose: () -> Void
  private(set) var context: ChannelHandlerContext?
  /// Set when both are there, cleared at the end: the two hold each other.
  private(set) var partner: RelayHandler?
  private var wantsToRead = false
  private var inputIsOver = false
  private var isClosed = false
  private var timer: Scheduled<Void>?

  init(
    side: TapSide, connection: TappedConnection, shaper: TrafficShaper, maximumDelayedBytes: Int, awaitsTLS: Bool,
    onTLS: @escaping () -> Void, onClose: @escaping () -> Void
  ) {
    self.side = side
    self.connection = connection
    self.shaper = shaper
    self.maximumDelayedBytes = maximumDelayedBytes
    self.awaitsTLS = awaitsTLS
    self.onTLS = onTLS
    self.onClose = onClose
  }

  static func join(_ one: RelayHandler, _ other: RelayHandler) {
    one.partner = other
    other.partner = one
    // An end of input, and what came before it, may be there already: they are reported even while nothing is read.
    one.release()
    other.release()
  }

  private var mayRead: Bool {
    if awaitsTLS { return true }
    guard let partner, let channel = partner.context?.channel else { return false }
    return channel.isWritable && shaper.waitingBytes < maximumDelayedBytes
  }

  // MARK: From the channel

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func read(context: ChannelHandlerContext) {
    if mayRead { context.read() } else { wantsToRead = true }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if shaper.isIdle, shaper.waitingBytes == 0, let partner {
      partner.write(bytes)
    } else {
      shaper.append(bytes, at: .now())
      if partner != nil { release() }
    }
    connection.received(bytes, from: side)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { partner?.readIfWanted() }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed {
      inputIsOver = true
      handOnEnd()
    } else if case .handshakeCompleted(let proto) = event as? TLSUserEvent {
      sayAgreed(proto)
      awaitsTLS = false
      onTLS()
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// TLS is there; whether HTTP/2 may be spoken is what ALPN has agreed on (RFC 9113 section 3.2).
  private func sayAgreed(_ proto: String?) {
    let name = connection.connection.place.name(of: side).lowercased()
    let isExpected = proto == "h2" || connection.connection.proto == .text
    let hint = isExpected ? "" : "; it has not agreed on HTTP/2 (ALPN h2)"
    connection.say("TLS with \(name)\(proto.map { ", \($0)" } ?? "")\(hint)")
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    connection.say("\(connection.connection.place.name(of: side)) error, \(SystemErrorText.reason(error))")
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosed = true
    onClose()
    // What waits still reaches the partner, in its time.
    if shaper.waitingBytes == 0 || partner?.context == nil { endPartner() }
    context.fireChannelInactive()
  }

  private func endPartner() {
    timer?.cancel()
    let partner = partner
    self.partner = nil
    partner?.close()
  }

  // MARK: To the partner

  private func write(_ bytes: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }

  /// Closes once what has been written has left: a close drops what waits for the socket.
  private func close(_ mode: CloseMode = .all) {
    guard let context else { return }
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    written.futureResult.assumeIsolated().whenComplete { [weak self] _ in
      self?.context?.close(mode: mode, promise: nil)
    }
  }

  private func readIfWanted() {
    guard wantsToRead, mayRead, let context else { return }
    wantsToRead = false
    context.read()
  }

  private func handOnEnd() {
    guard inputIsOver, shaper.waitingBytes == 0 else { return }
    partner?.close(.output)
  }

  private func release() {
    timer?.cancel()
    timer = nil
    while true {
      switch shaper.next(at: .now()) {
      case .bytes(let bytes): partner?.write(bytes)
      case .none:
        if isClosed { return endPartner() }
        handOnEnd()
        return readIfWanted()
      case .wait(let until):
        // A socket that is closed has no context any more; its partner is on the same loop.
        guard let eventLoop = (context ?? partner?.context)?.eventLoop else { return endPartner() }
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: until) { [weak self] in self?.release() }
        return readIfWanted()
      }
    }
  }
}
