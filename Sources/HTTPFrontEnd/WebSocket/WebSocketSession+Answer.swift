import ErrorBody
import GRPCUpstream
import GRPCWire
import NIOCore
import NIOHPACK
import NIOWebSocket
import ProtobufJSON
import Transcoding

extension WebSocketSession: UpstreamCallDelegate {
  /// The 101 went out before: there is no place for it any more.
  func upstreamInitialMetadataReceived(_ headers: HPACKHeaders) {}

  func upstreamMessageReceived(_ message: ByteBuffer) {
    // A message that arrives while others wait stands behind them.
    guard held.isEmpty, connection.isWritable || !route.serverStreaming else { return held.append(message) }
    take(message)
  }

  private func take(_ message: ByteBuffer) {
    defer { call?.consumed(message.readableBytes, messages: 1) }
    switch machine.answerReceived() {
    case .forward, .hold:
      // A single answer is decoded at once, and told once its trailers are here.
      let scratch = worker.takeScratch()
      defer { worker.giveBack(scratch) }
      do {
        try route.binding.decodeResponse(
          message.readableBytesSpan, layout: requestBinding.isPretty ? .pretty : .line, into: &scratch.buffer)
      } catch {
        return fail(GatewayError(error))
      }
      if route.serverStreaming { forward(scratch.buffer) } else { answer = ByteBuffer(scratch.buffer) }
    case .failTooManyMessages:
      cancelCall()
      tell(.tooManyMessages)
    case .drop: break
    }
  }

  private func forward(_ text: borrowing OutputBuffer) {
    lastMessage = .now()
    sentMessages += 1
    writeText(text)
    if outgoing.readableBytes >= worker.configuration.writeWatermarkLow {
      writeOutgoing()
      if !connection.isWritable { connection.flushIfNeeded() }
    }
  }

  func upstreamWritabilityChanged(_ writable: Bool) {
    if writable { lastMessage = .now() }
    adjustReading()
  }

  func upstreamFinished(_ end: CallEnd) {
    guard held.isEmpty else {
      heldEnd = end
      return
    }
    finish(end)
  }

  private func finish(_ end: CallEnd) {
    call = nil
    switch machine.upstreamFinished(isOK: end.status.isOK) {
    case .answerAndClose:
      if let answer { writeFrame(.text, answer) }
      answer = nil
      sentMessages = 1
      callEnded(.ok)
      close(.normal)
    case .close:
      callEnded(.ok)
      close(.normal)
    case .failNoMessage: tell(.noMessage)
    case .fail: tell(GatewayError(end))
    case .ignore: break
    }
  }

  /// The caller takes bytes again.
  func becameWritable() {
    writeWaitingPong()
    while connection.isWritable, let message = held.popFirst() { take(message) }
    if held.isEmpty, let end = heldEnd {
      heldEnd = nil
      finish(end)
    }
  }
}

extension ByteBuffer {
  fileprivate init(_ output: borrowing OutputBuffer) {
    self = ByteBufferAllocator().buffer(capacity: output.count)
    output.withUnsafeBytes { _ = self.writeBytes($0) }
  }
}
