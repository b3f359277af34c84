import NIOCore

/// How a connection ends.
extension DownstreamConnectionHandler {
  /// Closes once everything that was written has left, as a caller that reads slowly needs; until then the limit of a
  /// stalled caller holds.
  func closeWhenWritten() {
    guard let context else { return }
    guard waitingBytes > 0 else { return close() }
    wake(at: .now() + Self.firstLookAtWaitingBytes)
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [self] _ in close() }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
  }

  func close() {
    guard let context else { return }
    context.close(promise: nil)
  }

  /// Cuts whatever is on.
  func cut() {
    session?.drain(isOver: true)
    close()
  }

  /// The gateway stops: a busy connection goes after its answer, an idle one unless a request comes soon.
  func drain() {
    machine.keepAliveForbidden()
    drainsBy = .now() + worker.configuration.drainIdleTimeout
    wake(at: drainsBy)
    session?.drain(isOver: false)
  }
}
