import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The change from HTTP/1.1 to WebSocket.
extension DownstreamConnectionHandler {
  /// Judges a head that asks for WebSocket; what is refused is answered like any other request, by `exchange`.
  func beginUpgrade(_ head: HTTPRequestHead, _ exchange: Exchange) {
    do {
      opening = try WebSocketOpening(
        head, exchange.facts, worker: worker, remoteAddress: remoteAddress, scheme: transport.scheme)
    } catch {
      self.exchange = exchange
      exchange.refuse(head, error)
    }
  }

  /// The request has ended: what follows it are frames.
  func upgrade(_ opening: WebSocketOpening) {
    self.opening = nil
    guard let context, machine.upgraded() else { return close() }
    Self.upgrader.buildUpgradeResponse(
      channel: context.channel, upgradeRequest: opening.head, initialResponseHeaders: [:]
    ).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(let headers): switchProtocols(opening, accept: headers.first(name: "Sec-WebSocket-Accept") ?? "")
      case .failure: close()
      }
    }
  }

  /// The only way to NIOWebSocket's SHA-1, and so to `Sec-WebSocket-Accept`. It completes at once.
  private static let upgrader = NIOWebSocketServerUpgrader(
    shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
    upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

  private func switchProtocols(_ opening: WebSocketOpening, accept: String) {
    guard let context else { return }
    write(opening.answer(accept: accept, allocator: allocator))
    worker.metrics.answered(101)
    let pipeline = context.pipeline.syncOperations
    do {
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandlers(
        [
          ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: worker.configuration.maximumStreamedMessage)),
          WebSocketFrameReceiver(self),
        ], position: .before(self))
      let session = WebSocketSession(connection: self, worker: worker, opening: opening)
      self.session = session
      // Frames that came with the handshake are forwarded by the decoder as it leaves.
      pipeline.removeHandler(decoder, promise: nil)
      session.start()
    } catch {
      close()
    }
  }
}
