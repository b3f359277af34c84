import ErrorBody
import GRPCUpstream
import NIOCore
import ProtobufJSON
import Transcoding

/// The caller's half of an exchange.
extension Exchange {
  func requestBodyReceived(_ bytes: ByteBuffer) {
    uploadedBytes += bytes.readableBytes
    lastUploadProgress = .now()
    guard inflation != nil else { return uploadReceived(bytes) }
    inflation?.append(bytes)
    inflate()
  }

  /// A piece of the body as it is meant: without its content coding.
  func uploadReceived(_ bytes: ByteBuffer) {
    // Taken out while it changes, so that its buffer is never copied for having two owners.
    let taken = upload
    upload = .none
    switch taken {
    case .none:
      if bytes.readableBytes > 0 { fail(.unexpectedBody) }
    case .whole(var body, let limit):
      guard body.readableBytes + bytes.readableBytes <= limit else {
        upload = .whole(ByteBuffer(), limit: limit)
        connection.forbidKeepAlive()
        return fail(.requestTooLarge(limit: limit))
      }
      if body.readableBytes == 0 {
        body = bytes
      } else {
        // The head has been refused if it declared more than the limit.
        body.reserveCapacity(minimumWritableBytes: max(bytes.readableBytes, (facts.contentLength ?? 0) - uploadedBytes))
        body.writeImmutableBuffer(bytes)
      }
      upload = .whole(body, limit: limit)
    case .pieces(let sent):
      upload = .pieces(sent: sent + 1)
      guard bytes.readableBytes > 0, case .forward = machine.requestMessageReceived() else { return }
      do { try send(bytes, index: sent) } catch { fail(error) }
    case .stream(var body):
      body.append(bytes)
      do {
        try sendWholeMessages(of: &body)
        upload = .stream(body)
      } catch {
        upload = .stream(body)
        fail(error)
      }
    }
  }

  private func sendWholeMessages(of body: inout StreamedBody) throws(GatewayError) {
    while let (value, index) = try cut({ () throws(JSONStreamFault) in try body.next() }) {
      guard case .forward = machine.requestMessageReceived() else { return }
      try send(value, index: index)
    }
  }

  /// Turns a stream that cannot be cut into values into the error that the caller is given.
  private func cut<Value>(_ step: () throws(JSONStreamFault) -> Value) throws(GatewayError) -> Value {
    do {
      return try step()
    } catch {
      throw GatewayError(error, limit: worker.configuration.maximumStreamedMessage)
    }
  }

  /// Encodes one JSON value, or one piece of a raw body, and sends it; `index` is its place in a stream of them.
  private func send(_ body: ByteBuffer, index: Int?) throws(GatewayError) {
    guard let route else { return }
    let scratch = worker.takeScratch()
    defer { worker.giveBack(scratch) }
    if index ?? 0 == 0, !boundBytes.isEmpty { boundBytes.withUnsafeBytes { scratch.buffer.append(contentsOf: $0) } }
    do {
      if route.binding.requestBodyIsRaw {
        let contentType = index ?? 0 == 0 ? facts.contentType : nil
        route.binding.encodeRawBody(contentType: contentType, data: body.readableBytesSpan, into: &scratch.buffer)
      } else {
        try route.binding.encodeBody(
          body.readableBytesSpan, after: requestBinding, itemIndex: index, into: &scratch.buffer)
      }
    } catch {
      throw GatewayError(error)
    }
    tally.messagesSent += 1
    scratch.buffer.withBytes { bytes in
      if index == nil { openCall(sending: bytes, at: .now()) } else { call?.send(bytes) }
    }
  }

  /// What one read brought has been handed on: the moment to hold the caller back.
  func requestBatchEnded() {
    guard inflation == nil else { return inflate() }
    guard upload.isStream, let call else { return }
    connection.setReading(call.isWritable)
  }

  func requestEnded() {
    guard inflation != nil, !machine.isFinished else { return uploadEnded() }
    inflation?.end()
    inflate()
  }

  func uploadEnded() {
    let wasComplete = machine.uploadIsComplete
    guard case .forward = machine.requestEnded(), !wasComplete else { return }
    let taken = upload
    upload = .none
    do {
      switch taken {
      case .none: break
      case .whole(let body, _): try send(body, index: nil)
      case .pieces(let sent): endStream(sent: sent)
      case .stream(let body): try endStream(body)
      }
    } catch {
      fail(error)
    }
  }

  /// An empty upload is one message where path or query bind a value, and none where they do not.
  private func endStream(_ body: StreamedBody) throws(GatewayError) {
    var body = body
    if let (value, index) = try cut({ () throws(JSONStreamFault) in try body.finish() }) {
      try send(value, index: index)
    }
    endStream(sent: body.count)
  }

  private func endStream(sent: Int) {
    if sent == 0, requestBinding.setsFields {
      let bytes = boundBytes
      tally.messagesSent += 1
      call?.sendLast(bytes.span.bytes)
    } else {
      call?.finish()
    }
  }
}
