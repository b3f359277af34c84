import GRPCUpstream
import NIOCore
import NIOHPACK
import NIOPosix

/// What one call brought.
struct CallOutcome: Sendable {
  var initial: HPACKHeaders?
  var messages: [[UInt8]] = []
  var end: CallEnd
}

/// A call that did not end in the time any test needs.
struct CallNeverEnded: Error {}

/// Takes everything a call brings, and gives every message back at once.
final class CallRecorder: UpstreamCallDelegate {
  private let promise: EventLoopPromise<CallOutcome>
  private var initial: HPACKHeaders?
  private var messages: [[UInt8]] = []
  private(set) var isFinished = false
  var call: UpstreamCall?
  /// Gives every message back as it comes.
  var consumes = true
  private(set) var receivedBytes = 0
  /// Called for each message after it was recorded.
  var onMessage: ((CallRecorder, [UInt8]) -> Void)?
  var onWritable: ((CallRecorder) -> Void)?

  /// 50 s: below the minute of the suites, so that a call that hangs is named, and enough for 16 KiB in packets of one
  /// byte under a sanitizer on a busy machine.
  private static let patience = TimeAmount.seconds(50)

  init(on eventLoop: any EventLoop) {
    promise = eventLoop.makePromise()
    let timer = eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { [promise] in
      promise.fail(CallNeverEnded())
    }
    promise.futureResult.assumeIsolated().whenComplete { _ in timer.cancel() }
  }

  var outcome: EventLoopFuture<CallOutcome> { promise.futureResult }

  func upstreamInitialMetadataReceived(_ headers: HPACKHeaders) {
    precondition(initial == nil && messages.isEmpty && !isFinished)
    initial = headers
  }

  func upstreamMessageReceived(_ message: ByteBuffer) {
    precondition(initial != nil && !isFinished)
    messages.append(Array(message.readableBytesView))
    receivedBytes += message.readableBytes
    if consumes { call?.consumed(message.readableBytes) }
    onMessage?(self, Array(message.readableBytesView))
  }

  func upstreamWritabilityChanged(_ writable: Bool) {
    if writable { onWritable?(self) }
  }

  func upstreamFinished(_ end: CallEnd) {
    precondition(!isFinished)
    isFinished = true
    call = nil
    promise.succeed(CallOutcome(initial: initial, messages: messages, end: end))
  }
}
