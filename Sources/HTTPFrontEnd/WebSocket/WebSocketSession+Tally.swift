import GRPCWire
import NIOCore
import ProtobufSchema
import Transcoding

/// What a session is counted and logged by: one call, as one of any exchange. Its status is 101.
extension WebSocketSession {
  /// The call is over, as far as this session is concerned; a session that ends before its call began counts as one
  /// that was cancelled.
  func callEnded(_ code: GRPCCode) {
    givePlaceBack()
    guard tally.code == nil else { return }
    tally.code = code
    if worker.accessLog != nil { tally.callEnded = .now() }
    metrics?.callEnded(
      code, nanoseconds: (.now() - tally.began).nanoseconds, sent: tally.messagesSent, received: sentMessages)
  }

  /// The last frame is written, or nobody is there to have it.
  func closeTally() {
    guard !tally.isClosed else { return }
    tally.isClosed = true
    worker.metrics.requestBytes += receivedBytes
    guard let log = worker.accessLog else { return }
    log.append(
      AccessRecord(
        time: .now, requestID: requestID, remoteAddress: connection.remoteAddress, method: "GET", path: path,
        rpc: String(route.binding.method.path.dropFirst()), status: tally.status, code: tally.code,
        bytesIn: receivedBytes, bytesOut: connection.answerBytes + outgoing.readableBytes,
        messagesIn: tally.messagesSent, messagesOut: sentMessages,
        upstreamTime: tally.callOpened.map { (tally.callEnded ?? .now()) - $0 }, totalTime: .now() - tally.began))
  }
}
