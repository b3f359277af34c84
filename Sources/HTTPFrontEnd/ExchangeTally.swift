import GRPCWire
import NIOCore
import ProtobufSchema
import Transcoding

/// What one exchange, or one WebSocket session, is counted and logged by.
struct ExchangeTally {
  let began: NIODeadline
  /// The status line; 0 while none was written.
  var status = 0
  /// How the call ended, as far as there is one.
  var code: GRPCCode?
  /// Messages that went upstream.
  var messagesSent = 0
  /// Taken only for the access log.
  var callOpened: NIODeadline?
  var callEnded: NIODeadline?
  /// Counted once, whatever ends it first.
  var isClosed = false

  init(began: NIODeadline) { self.began = began }
}

extension Exchange {
  /// The exchange is over: its answer is written, cut, or nobody is there to have it.
  func closeTally(at now: NIODeadline) {
    guard !tally.isClosed else { return }
    tally.isClosed = true
    let status = tally.status
    let total = now - tally.began
    worker.metrics.requestBytes += uploadedBytes
    if status > 0 { worker.metrics.answered(status) }
    if let methodMetrics, let code = tally.code {
      methodMetrics.callEnded(code, nanoseconds: total.nanoseconds, sent: tally.messagesSent, received: messagesShown)
    }
    if let log = worker.accessLog { log.append(record(total: total)) }
  }

  private var messagesShown: Int { isStreaming ? sentMessages : (tally.code == .ok ? 1 : 0) }

  private func record(total: TimeAmount) -> AccessRecord {
    AccessRecord(
      time: .now, requestID: requestID, remoteAddress: connection.remoteAddress, method: method,
      path: String(facts.path), rpc: route.map { String($0.binding.method.path.dropFirst()) },
      status: tally.status, code: tally.code, bytesIn: uploadedBytes, bytesOut: connection.answerBytes,
      messagesIn: tally.messagesSent, messagesOut: messagesShown,
      upstreamTime: tally.callOpened.map { (tally.callEnded ?? .now()) - $0 }, totalTime: total)
  }
}
