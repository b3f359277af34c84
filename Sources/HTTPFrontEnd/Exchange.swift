import ErrorBody
import GRPCUpstream
import GRPCWire
import HTTPNegotiation
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
  /// The metadata of a call that waits for the body of its request, or for its admission.
  private var pendingMetadata: CallMetadata?
  private var admission = AdmissionState.none
  var requestID = ""
  private(set) var method = ""
  var isHead = false
  var tally: ExchangeTally
  private(set) var methodMetrics: MethodMetrics?

  // The caller's half.
  var upload = Upload.none
  /// What path and query bound, before the body; goes into the first message.
  var boundBytes: [UInt8] = []
  var requestBinding = RequestBinding()
  var uploadedBytes = 0
  var lastUploadProgress: NIODeadline = .distantPast
  private var uploadBegan: NIODeadline = .distantPast
  /// A compressed body that is being inflated.
  var inflation: InflatingBody?
  var isInflating = false
  var isInflationScheduled = false

  // The upstream's half.
  var form = StreamForm.lines(jsonl: false)
  var initialMetadata: HPACKHeaders?
  /// What an upstream's `google.api.HttpBody` says that it is.
  var rawContentType: String?
  /// The answer to a call with one message: its body, behind room for the head.
  var answerBody: ByteBuffer?
  var accepted = AcceptedCodings.anything
  /// The `Content-Encoding` of the answer.
  var answerCoding = ContentCoding.identity
  /// Compresses a streamed answer.
  var deflater: StreamDeflater?
  /// Each message of a stream stands in `{"result":…}`.
  var wrapsMessages = false
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

  /// - Throws: when the head is not sound.
  init(connection: DownstreamConnectionHandler, worker: Worker, head: HTTPRequestHead) throws(RequestHeadFault) {
    self.connection = connection
    self.worker = worker
    facts = try RequestHeadFacts(of: head, by: worker.headPolicy)
    tally = ExchangeTally(began: .now())
  }

  /// Whether the answer is a stream that has begun or will be one.
  var isStreaming: Bool { route?.serverStreaming ?? false }

  // MARK: Start

  func start(_ head: HTTPRequestHead) {
    note(head)
    do {
      let head = worker.configuration.allowsMethodOverride ? try MethodOverride.applied(to: head) : head
      switch try worker.service.dispatch(
        head, facts, maximumBody: worker.configuration.maximumRequestBody, cors: worker.configuration.cors)
      {
      case .answer(let answer): finish(local: answer)
      case .endpoint(let endpoint): answer(endpoint)
      case .call(let dispatched): try begin(dispatched, head)
      }
    } catch {
      fail(error.error, headers: error.headers)
    }
  }

  /// Answers a request that was judged elsewhere.
  func refuse(_ head: HTTPRequestHead, _ refusal: Refusal) {
    note(head)
    fail(refusal.error, headers: refusal.headers)
  }

  private func note(_ head: HTTPRequestHead) {
    isHead = head.method == .HEAD
    if worker.accessLog != nil { method = head.method.rawValue }
  }

  private func answer(_ endpoint: LocalEndpoint) {
    guard let deferred = endpoint.deferred else { return finish(local: worker.answer(of: endpoint, to: facts)) }
    deferred(worker.eventLoop).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(let answer): finish(local: answer)
      case .failure: finish(local: LocalAnswer(status: 503))
      }
    }
  }

  private func begin(_ dispatched: DispatchedCall, _ head: HTTPRequestHead) throws(Refusal) {
    let route = dispatched.route
    self.route = route
    methodMetrics = worker.metrics(of: route)
    form = dispatched.form
    wrapsMessages = dispatched.wrapsMessages
    try negotiateCoding()
    machine = ExchangeStateMachine(answer: route.serverStreaming ? .stream : .single)
    let (metadata, requestID) = try worker.metadata(
      for: head, remoteAddress: connection.remoteAddress, scheme: connection.transport.scheme,
      into: worker.pool(for: route).emptyMetadata())
    self.requestID = requestID
    let now = tally.began
    // What a caller asks for holds for all that it waits for, its own upload included.
    if let timeout = try worker.timeoutAsked(by: facts) { setDeadline(now + timeout) }
    let scratch = worker.takeScratch()
    defer { worker.giveBack(scratch) }
    requestBinding = try dispatched.bind(facts, into: &scratch.buffer)
    if route.isStreaming { connection.wake(at: now + worker.configuration.streamIdleTimeout) }
    pendingMetadata = metadata
    guard dispatched.upload != .none else {
      tally.messagesSent = 1
      scratch.buffer.withBytes { openCall(sending: $0, at: now) }
      return
    }
    boundBytes = scratch.buffer.array
    upload = Upload(
      dispatched.upload, maximumBody: worker.configuration.maximumRequestBody,
      maximumMessage: worker.configuration.maximumStreamedMessage)
    if let coding = dispatched.contentCoding {
      do { inflation = try InflatingBody(coding) } catch { throw Refusal(GatewayError(error, coding: coding)) }
    }
    lastUploadProgress = now
    uploadBegan = now
    connection.wake(at: uploadDeadline)
    if route.clientStreaming { openCall(at: now) }
    if facts.expectsContinue, !holdsUpload, !machine.isFinished { writeContinue() }
  }

  // MARK: Admission

  /// Opens the call with its only message, now or when it is admitted: its request is whole.
  ///
  /// The default deadline of a call with one answer runs from here. How long its upload may take is for the limits of
  /// uploads to say (`bodyIdleTimeout`, `minimumBodyRate`): a deadline that began with the head would refuse every
  /// caller whose network needs longer for a body than an upstream may take to answer it.
  func openCall(sending message: RawSpan, at now: NIODeadline) {
    if callDeadline == .distantFuture, let route, !route.isStreaming {
      setDeadline(now + worker.configuration.unaryDeadline)
    }
    switch worker.admission.admit(self) {
    case .admitted:
      openAdmittedCall(at: now)
      call?.sendLast(message)
    case .waiting(let ticket): admission = .waiting(ticket, message: message.withUnsafeBytes { Array($0) })
    case .refused: fail(.overloaded)
    }
  }

  /// Opens the call whose messages follow.
  private func openCall(at now: NIODeadline) {
    switch worker.admission.admit(self) {
    case .admitted: openAdmittedCall(at: now)
    case .waiting(let ticket): admission = .waiting(ticket, message: nil)
    case .refused: fail(.overloaded)
    }
  }

  private func openAdmittedCall(at now: NIODeadline) {
    admission = .admitted
    // A quick upstream would answer a call that its caller has given no time at all.
    guard callDeadline > now else { return fail(.deadlineExceeded) }
    guard let metadata = pendingMetadata, let route else { return }
    pendingMetadata = nil
    if worker.accessLog != nil { tally.callOpened = .now() }
    call = worker.pool(for: route).call(route.upstream, metadata: metadata, timeout: timeLeft(at: now), delegate: self)
  }

  /// What the upstream is told of the deadline; `nil` where there is none.
  private func timeLeft(at now: NIODeadline) -> TimeAmount? {
    guard callDeadline < .distantFuture else { return nil }
    return max(callDeadline - now, .nanoseconds(1))
  }

  private func setDeadline(_ deadline: NIODeadline) {
    callDeadline = deadline
    connection.wake(at: deadline)
  }

  /// Whether the caller's stream has to wait because its call does.
  var holdsUpload: Bool {
    if case .waiting(_, message: nil) = admission { true } else { false }
  }

  /// The call is over, or was never admitted: its place is free.
  func leaveAdmission() {
    switch admission {
    case .none: return
    case .admitted:
      admission = .none
      worker.admission.callEnded()
    case .waiting(let ticket, _):
      admission = .none
      worker.admission.leave(ticket)
    }
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
    tally.status = answer.status
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
    tally.status = error.httpStatus
    count(error)
    connection.write(
      worker.answers.error(
        error, terms: terms, isHead: isHead, headers: headers, initialMetadata: initialMetadata,
        trailers: end?.trailers, inStream: wrapsMessages && error.origin != .downstream))
    answerEnded()
  }

  var terms: AnswerWriter.Terms {
    worker.terms(
      requestID: requestID, keepAlive: connection.keepsAlive, isHTTP10: facts.isHTTP10, origin: facts.origin)
  }

  /// What is left of the request decides whether the connection can live on after an early answer.
  var remainderIsShort: Bool {
    guard !machine.uploadIsComplete, !(inflation?.hasEnded ?? false) else { return true }
    guard !facts.isChunked, !facts.expectsContinue else { return false }
    return (facts.contentLength ?? 0) - uploadedBytes <= worker.configuration.maximumDiscardedBody
  }

  func prepareConnectionForEnd() {
    if !remainderIsShort { connection.forbidKeepAlive() }
  }

  /// Notes how the call ended when the gateway says so.
  func count(_ error: GatewayError) {
    tally.code = error.code
    if let reason = error.reason { worker.metrics.failed(reason) }
  }

  func answerEnded() {
    isDetached = true
    releaseScratch()
    let now = NIODeadline.now()
    closeTally(at: now)
    connection.responseEnded(remainderIsShort: remainderIsShort, now: now)
  }

  /// Leaves the body unterminated and closes: the one sign of failure that every caller sees.
  func cutAnswer() {
    isDetached = true
    releaseScratch()
    closeTally(at: .now())
    connection.breakResponse()
  }

  func releaseScratch() {
    releaseDeflater()
    guard let outgoing else { return }
    self.outgoing = nil
    worker.giveBack(outgoing)
  }

  func cancelCall() {
    call?.cancel()
    call = nil
    pendingMetadata = nil
    leaveAdmission()
  }

  /// The caller is gone, or wants no more than it has.
  func downstreamClosed() {
    if !isDetached {
      tally.code = .cancelled
      closeTally(at: .now())
    }
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

  /// Until when more of the body has to come. Who listens to a stream that flows may be silent itself.
  private var uploadDeadline: NIODeadline {
    guard !upload.isStream else { return max(lastUploadProgress, lastAnswerProgress) + bodyIdleLimit }
    let idleEnd = lastUploadProgress + bodyIdleLimit
    let pace = UploadPace(
      began: uploadBegan, grace: worker.configuration.bodyRateGrace, rate: worker.configuration.minimumBodyRate)
    return min(idleEnd, pace.deadline(received: uploadedBytes))
  }

  /// Does what is due and says when to look again. `waiting`: bytes that the caller has not taken yet.
  func timePassed(now: NIODeadline, waiting: Int) -> NIODeadline {
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
    if upload.isExpected, !machine.uploadIsComplete, !holdsUpload, call?.isWritable ?? true {
      guard now < uploadDeadline else {
        connection.forbidKeepAlive()
        fail(.bodyTimeout)
        return .distantFuture
      }
      next = min(next, uploadDeadline)
    }
    return min(next, streamTimePassed(now: now, waiting: waiting))
  }
}

extension Exchange: AdmissionWaiter {
  func admitted() {
    guard case .waiting(_, let message) = admission else { return }
    openAdmittedCall(at: .now())
    if let message {
      call?.sendLast(message.span.bytes)
    } else {
      lastUploadProgress = .now()
      if facts.expectsContinue { writeContinue() }
      connection.serveLine()
    }
  }

  func admissionRefused() {
    admission = .none
    let connection = connection
    fail(.overloaded)
    connection.serveLine()
  }
}

/// Where a call stands towards the limit of calls in flight.
private enum AdmissionState {
  case none
  case admitted
  /// `message`: the only message of the call, where it has one that is known.
  case waiting(AdmissionStateMachine.Ticket, message: [UInt8]?)
}
