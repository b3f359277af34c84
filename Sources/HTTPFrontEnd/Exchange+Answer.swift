import ErrorBody
import GRPCUpstream
import GRPCWire
import NIOCore
import NIOHPACK
import ProtobufJSON
import Transcoding

extension Exchange: UpstreamCallDelegate {
  /// Room before the body of a single answer for its head; a larger head is written on its own. With a body of 400
  /// bytes it makes 1 KiB, the most that glibc keeps at hand for the next request.
  private static let headRoom = 512

  func upstreamInitialMetadataReceived(_ headers: HPACKHeaders) {
    initialMetadata = headers
    // What a body of bytes is, its first message says, and the head has to say it too.
    guard form != .raw else { return }
    guard case .armSilenceTimer = machine.initialMetadataReceived() else { return }
    silenceDeadline = .now() + worker.configuration.silenceBeforeHead
    connection.wake(at: silenceDeadline)
  }

  func upstreamMessageReceived(_ message: ByteBuffer) {
    // A message that arrives while others wait stands behind them.
    guard held.isEmpty, connection.isWritable || !isStreaming else { return held.append(message) }
    take(message)
  }

  private func take(_ message: ByteBuffer) {
    defer { call?.consumed(message.readableBytes, messages: 1) }
    switch machine.messageReceived() {
    case .hold: hold(message)
    case .startStreamAndForward:
      if form == .raw, rawContentType == nil {
        rawContentType = (try? route?.binding.rawBody(in: message.readableBytesSpan))?.contentType
      }
      startStream()
      forward(message)
    case .forward: forward(message)
    case .answerTooManyMessages:
      cancelCall()
      answer(.tooManyMessages)
    case .drop: break
    }
  }

  func upstreamWritabilityChanged(_ writable: Bool) {
    guard upload.isStream else { return }
    if writable { lastUploadProgress = .now() }
    guard inflation == nil else { return writable ? inflate() : connection.setReading(false) }
    connection.setReading(writable)
    if writable { connection.wake(at: lastUploadProgress + bodyIdleLimit) }
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
    leaveAdmission()
    tally.code = end.status.code
    if worker.accessLog != nil { tally.callEnded = .now() }
    switch machine.upstreamFinished(isOK: end.status.isOK) {
    case .answerMessage: writeSingleAnswer(end)
    case .answerNoMessage: answer(.noMessage, end: end)
    case .answerError: answer(GatewayError(end), end: end)
    case .startAndEndStream:
      startStream()
      endStream(end)
    case .endStream: endStream(end)
    case .breakStream: breakStream(GatewayError(end), end: end)
    case .ignore: break
    }
  }

  func writabilityChanged(_ writable: Bool) {
    guard writable else { return }
    while connection.isWritable, let message = held.popFirst() { take(message) }
    if held.isEmpty, let end = heldEnd {
      heldEnd = nil
      finish(end)
    }
  }

  // MARK: One message

  private func hold(_ message: ByteBuffer) {
    let scratch = worker.takeScratch()
    defer { worker.giveBack(scratch) }
    do {
      try decode(message, into: &scratch.buffer)
      var body = connection.allocator.buffer(capacity: Self.headRoom + scratch.buffer.count)
      body.moveWriterIndex(to: Self.headRoom)
      body.moveReaderIndex(to: Self.headRoom)
      let coding = worker.compression.coding(
        for: accepted, length: scratch.buffer.count, rawContentType: rawContentType)
      if worker.compression.deflate(scratch.buffer, coding, mustBeShorter: accepted.identity, into: &body) {
        answerCoding = coding
      } else {
        scratch.buffer.withUnsafeBytes { _ = body.writeBytes($0) }
      }
      answerBody = body
    } catch {
      fail(GatewayError(error))
    }
  }

  private func decode(_ message: ByteBuffer, into output: inout OutputBuffer) throws(WireFault) {
    guard let route else { return }
    guard route.binding.responseBodyIsRaw else {
      return try route.binding.decodeResponse(message.readableBytesSpan, layout: layout, into: &output)
    }
    let raw = try route.binding.rawBody(in: message.readableBytesSpan)
    if rawContentType == nil { rawContentType = raw.contentType }
    output.append(contentsOf: message.readableBytesSpan.extracting(raw.data))
  }

  private var layout: ResponseLayout {
    if route?.serverStreaming ?? false { return form == .array && requestBinding.isPretty ? .pretty : .line }
    return requestBinding.isPretty ? .pretty : .configured
  }

  private func writeSingleAnswer(_ end: CallEnd) {
    guard var body = answerBody else { return }
    answerBody = nil
    tally.status = 200
    prepareConnectionForEnd()
    let head = worker.answers.singleHead(
      length: body.readableBytes, coding: answerCoding, rawContentType: rawContentType, terms: terms,
      initialMetadata: initialMetadata, trailers: end.trailers)
    if isHead {
      connection.write(head)
    } else if head.readableBytes <= Self.headRoom {
      let start = Self.headRoom - head.readableBytes
      body.setBuffer(head, at: start)
      body.moveReaderIndex(to: start)
      connection.write(body)
    } else {
      connection.write(head)
      connection.write(body)
    }
    answerEnded()
  }

  // MARK: A stream

  func startStream() {
    silenceDeadline = .distantFuture
    lastAnswerProgress = .now()
    tally.status = 200
    beginStreamCoding()
    connection.write(
      worker.answers.streamHead(
        form: form, coding: answerCoding, rawContentType: rawContentType, terms: terms,
        initialMetadata: initialMetadata,
        announcesTrailers: facts.acceptsTrailers))
    if form == .events { connection.wake(at: lastAnswerProgress + worker.configuration.eventStreamKeepAlive) }
    connection.wake(at: lastAnswerProgress + worker.configuration.streamIdleTimeout)
    if isHead {
      // The head is all that was asked for.
      _ = machine.downstreamClosed()
      cancelCall()
      answerEnded()
    } else {
      scheduleFlush()
    }
  }

  private func forward(_ message: ByteBuffer) {
    guard !machine.isFinished else { return }
    let scratch = scratchForOutput()
    let start = scratch.buffer.count
    form.writeStart(of: sentMessages, into: &scratch.buffer)
    if wrapsMessages { scratch.buffer.append(contentsOf: "{\"result\":") }
    do {
      try decode(message, into: &scratch.buffer)
    } catch {
      scratch.buffer.truncate(to: start)
      return fail(GatewayError(error))
    }
    if wrapsMessages { scratch.buffer.append(UInt8(ascii: "}")) }
    form.writeEnd(into: &scratch.buffer)
    sentMessages += 1
    if scratch.buffer.count >= worker.configuration.writeWatermarkLow { flushOutgoing() }
  }

  private func scratchForOutput() -> ScratchBuffer {
    if let outgoing { return outgoing }
    let scratch = worker.takeScratch()
    outgoing = scratch
    scheduleFlush()
    return scratch
  }

  /// Everything that one tick of the loop brings leaves in one chunk.
  private func scheduleFlush() {
    worker.atEndOfTick(self)
  }

  func tickEnded() {
    guard !isDetached else { return }
    flushOutgoing()
    connection.flushIfNeeded()
  }

  /// Writes what has gathered as one chunk; `isLast` also ends the compressed stream, if it is one.
  func flushOutgoing(isLast: Bool = false) {
    guard let scratch = outgoing, scratch.buffer.count > 0 || isLast && deflater != nil else { return }
    lastAnswerProgress = .now()
    outgoing = nil
    if let deflater {
      connection.write(deflater.chunk(scratch.buffer, ends: isLast, allocator: connection.allocator))
    } else {
      var chunk = connection.allocator.buffer(capacity: scratch.buffer.count + 20)
      chunk.writeChunk(scratch.buffer)
      connection.write(chunk)
    }
    worker.giveBack(scratch)
    if !connection.isWritable { connection.flushIfNeeded() }
  }

  private func endStream(_ end: CallEnd) {
    guard !isDetached else { return }
    let scratch = scratchForOutput()
    form.writeCleanEnd(count: sentMessages, into: &scratch.buffer)
    flushOutgoing(isLast: true)
    prepareConnectionForEnd()
    connection.write(
      worker.answers.lastChunk(status: facts.acceptsTrailers ? end.status : nil, trailers: end.trailers))
    answerEnded()
  }

  /// Ends a stream that has begun and cannot be finished, so that no caller can take it for whole.
  func breakStream(_ error: GatewayError, end: CallEnd?) {
    guard !isDetached else { return }
    count(error)
    let scratch = scratchForOutput()
    let errorScratch = worker.takeScratch()
    worker.answers.render(error, into: &errorScratch.buffer)
    form.writeFailure(errorScratch.buffer, into: &scratch.buffer)
    worker.giveBack(errorScratch)
    let tellsByTrailers = facts.acceptsTrailers && form != .array && form != .raw
    // A body that is cut off is cut off in its coding as well.
    let isTerminated = form.carriesErrors || tellsByTrailers
    flushOutgoing(isLast: isTerminated)
    guard isTerminated else { return cutAnswer() }
    prepareConnectionForEnd()
    connection.write(
      worker.answers.lastChunk(
        status: tellsByTrailers ? end?.status ?? GRPCStatus(code: error.code, message: error.message) : nil,
        trailers: end?.trailers ?? [:]))
    answerEnded()
  }

  /// Keep-alive comments and the idle limit of a stream, whether or not its answer has begun.
  func streamTimePassed(now: NIODeadline, waiting: Int) -> NIODeadline {
    guard let route, route.isStreaming, !machine.isFinished else { return .distantFuture }
    // What waits for the caller is no silence: that it is taken has a limit of its own.
    let last = waiting > 0 ? now : max(tally.began, lastAnswerProgress, lastUploadProgress)
    let idleEnd = last + worker.configuration.streamIdleTimeout
    guard now < idleEnd else {
      fail(.streamIdle)
      return .distantFuture
    }
    guard form == .events, lastAnswerProgress != .distantPast else { return idleEnd }
    let interval = worker.configuration.eventStreamKeepAlive
    if now >= lastCommentOrMessage + interval, connection.isWritable {
      lastComment = now
      scratchForOutput().buffer.append(contentsOf: ": keepalive\n\n")
      let progress = lastAnswerProgress
      flushOutgoing()
      lastAnswerProgress = progress
    }
    return min(idleEnd, max(lastCommentOrMessage, now) + interval)
  }

  private var lastCommentOrMessage: NIODeadline { max(lastComment, lastAnswerProgress) }
}

extension ByteBuffer {
  /// One chunk of RFC 9112 §7.1: the size in hexadecimal digits, CRLF, the data, CRLF.
  mutating func writeChunk(_ data: borrowing OutputBuffer) {
    writeString(String(data.count, radix: 16))
    writeStaticString("\r\n")
    data.withUnsafeBytes { _ = self.writeBytes($0) }
    writeStaticString("\r\n")
  }
}
