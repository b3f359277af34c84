import ErrorBody
import GRPCUpstream
import GRPCWire
import NIOCore
import NIOHPACK
import NIOHTTP1
import ProtobufJSON
import Transcoding

/// Drives one request and its call: translates between the connection, the transcoder and the upstream,
/// and does what `ExchangeStateMachine` decides.
///
/// Lives on the event loop of its connection, from the request head to the last byte of the answer.
/// `Exchange+Upload.swift` holds the caller's half, `Exchange+Answer.swift` the upstream's.
final class Exchange {
  unowned let connection: DownstreamConnectionHandler
  let worker: Worker
  let facts: RequestHeadFacts
  var machine = ExchangeStateMachine(answer: .single)
  var route: Route?
  var call: UpstreamCall?
  /// A call that waits for the body of its request.
  private var pendingCall: PendingCall?
  var requestID = ""
  var isHead = false

  // The caller's half.
  var upload = Upload.none
  /// What path and query bound, before the body; goes into the first message.
  var boundBytes: [UInt8] = []
  var requestBinding = RequestBinding()
  var uploadedBytes = 0
  var lastUploadProgress: NIODeadline = .distantPast

  // The upstream's half.
  var form = StreamForm.lines(jsonl: false)
  var initialMetadata: HPACKHeaders?
  /// What an upstream's `google.api.HttpBody` says that it is.
  var rawContentType: String?
  /// The answer to a call with one message: its body, behind room for the head.
  var answerBody: ByteBuffer?
  var sentMessages = 0
  var outgoing: ScratchBuffer?
  var held = HeldMessages()
  var heldEnd: CallEnd?
  var lastComment: NIODeadline = .distantPast
  /// The answer is whole, or there is nobody to have it: the connection is no longer this exchange's.
  private(set) var isDetached = false

  // Times.
  var callDeadline: NIODeadline = .distantFuture
  var silenceDeadline: NIODeadline = .distantFuture
  var lastAnswerProgress: NIODeadline = .distantPast

  init(connection: DownstreamConnectionHandler, worker: Worker, facts: RequestHeadFacts) {
    self.connection = connection
    self.worker = worker
    self.facts = facts
  }

  /// Whether the answer is a stream that has begun or will be one.
  var isStreaming: Bool { route?.serverStreaming ?? false }

  // MARK: Start

  func start(_ head: HTTPRequestHead) {
    isHead = head.method == .HEAD
    do {
      var head = head
      if worker.configuration.allowsMethodOverride { try MethodOverride.apply(to: &head) }
      switch try worker.service.dispatch(head, facts, limits: worker.configuration) {
      case .answer(let answer): finish(local: answer)
      case .endpoint(let endpoint): finish(local: worker.answer(of: endpoint, to: facts))
      case .call(let dispatched): try begin(dispatched, head)
      }
    } catch {
      fail(error.error, headers: error.headers)
    }
  }

  private func begin(_ dispatched: DispatchedCall, _ head: HTTPRequestHead) throws(Refusal) {
    let route = dispatched.route
    self.route = route
    form = dispatched.form
    machine = ExchangeStateMachine(answer: route.serverStreaming ? .stream : .single)
    let metadata = try worker.metadata(for: head, remoteAddress: connection.remoteAddress)
    requestID = metadata.requestID
    let timeout = try worker.deadline(for: facts, isStream: route.isStreaming)
    let now = NIODeadline.now()
    if let timeout {
      callDeadline = now + timeout
      connection.wake(at: callDeadline)
    }
    let scratch = worker.takeScratch()
    defer { worker.giveBack(scratch) }
    requestBinding = try bind(dispatched, into: &scratch.buffer)
    guard dispatched.upload != .none else {
      openCall(metadata: metadata.entries, timeout: timeout)
      scratch.buffer.withBytes { call?.sendLast($0) }
      return
    }
    boundBytes = scratch.buffer.array
    upload = Upload(dispatched.upload, limits: worker.configuration)
    pendingCall = PendingCall(metadata: metadata.entries, timeout: timeout)
    lastUploadProgress = now
    connection.wake(at: now + bodyIdleLimit)
    if route.clientStreaming { openPendingCall() }
    if facts.expectsContinue { writeContinue() }
  }

  /// Writes what path and query say into the request message.
  private func bind(_ dispatched: DispatchedCall, into output: inout OutputBuffer) throws(Refusal) -> RequestBinding {
    do {
      return try facts.withTargetBytes { (path, query) throws(RequestFault) in
        try dispatched.route.binding.bindRequest(
          path: path, variables: dispatched.variables, query: query, into: &output)
      }
    } catch {
      throw Refusal(GatewayError(error))
    }
  }

  /// Opens the call that waited for the request's body.
  func openPendingCall() {
    guard let pending = pendingCall else { return }
    pendingCall = nil
    openCall(metadata: pending.metadata, timeout: pending.timeout)
  }

  private func openCall(metadata: [(String, String)], timeout: TimeAmount?) {
    guard let route else { return }
    call = worker.pool(for: route).call(route.upstream, metadata: metadata, timeout: timeout, delegate: self)
  }

  private func writeContinue() {
    var line = connection.allocator.buffer(capacity: 32)
    line.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
    connection.write(line)
    connection.flushIfNeeded()
  }

  // MARK: Ends

  /// An answer of the gateway's own, without a call.
  private func finish(local answer: LocalAnswer) {
    guard case .answerError = machine.failed() else { return }
    prepareConnectionForEnd()
    connection.write(worker.answers.local(answer, terms: terms, isHead: isHead))
    answerEnded()
  }

  /// The call cannot go on: the caller hears why in the form that is still possible.
  func fail(_ error: GatewayError, headers: [(String, String)] = []) {
    switch machine.failed() {
    case .answerError:
      cancelCall()
      answer(error, headers: headers)
    case .breakStream:
      cancelCall()
      breakStream(error, end: nil)
    case .ignore:
      break
    }
  }

  /// Answers with an error and its own HTTP status.
  func answer(_ error: GatewayError, headers: [(String, String)] = [], end: CallEnd? = nil) {
    prepareConnectionForEnd()
    connection.write(
      worker.answers.error(
        error, terms: terms, isHead: isHead, headers: headers, initialMetadata: initialMetadata,
        trailers: end?.trailers))
    answerEnded()
  }

  var terms: AnswerWriter.Terms {
    worker.terms(
      requestID: requestID, keepAlive: connection.keepsAlive, isHTTP10: facts.isHTTP10, origin: facts.origin)
  }

  /// What is left of the request decides whether the connection can live on after an early answer.
  var remainderIsShort: Bool {
    guard !machine.uploadIsComplete else { return true }
    guard !facts.isChunked, !facts.expectsContinue else { return false }
    return (facts.contentLength ?? 0) - uploadedBytes <= worker.configuration.maximumDiscardedBody
  }

  func prepareConnectionForEnd() {
    if !remainderIsShort { connection.forbidKeepAlive() }
  }

  func answerEnded() {
    isDetached = true
    releaseScratch()
    connection.responseEnded(remainderIsShort: remainderIsShort)
  }

  /// Leaves the body unterminated and closes: the one sign of failure that every caller sees.
  func cutAnswer() {
    isDetached = true
    releaseScratch()
    connection.breakResponse()
  }

  func releaseScratch() {
    guard let outgoing else { return }
    self.outgoing = nil
    worker.giveBack(outgoing)
  }

  func cancelCall() {
    call?.cancel()
    call = nil
    pendingCall = nil
  }

  /// The caller is gone, or wants no more than it has.
  func downstreamClosed() {
    isDetached = true
    if case .cancelUpstream = machine.downstreamClosed() { cancelCall() }
    releaseScratch()
    held = HeldMessages()
    heldEnd = nil
  }

  // MARK: Time

  var bodyIdleLimit: TimeAmount {
    upload.isStream ? worker.configuration.streamIdleTimeout : worker.configuration.bodyIdleTimeout
  }

  /// Does what is due and says when to look again.
  func timePassed(now: NIODeadline) -> NIODeadline {
    if now >= callDeadline {
      fail(.deadlineExceeded)
      return .distantFuture
    }
    var next = callDeadline
    if now >= silenceDeadline {
      silenceDeadline = .distantFuture
      if case .startStream = machine.silenceElapsed() { startStream() }
    }
    next = min(next, silenceDeadline)
    if upload.isExpected, !machine.uploadIsComplete, call?.isWritable ?? true {
      guard now < lastUploadProgress + bodyIdleLimit else {
        connection.forbidKeepAlive()
        fail(.bodyTimeout)
        return .distantFuture
      }
      next = min(next, lastUploadProgress + bodyIdleLimit)
    }
    return min(next, streamTimePassed(now: now))
  }
}

/// What a call is opened with.
private struct PendingCall {
  var metadata: [(String, String)]
  var timeout: TimeAmount?
}
