internal import GRPCWire
internal import HTTP2
internal import NIOCore
internal import NIOHPACK

/// The answer's way from the stream to the delegate.
extension UpstreamCall {
  /// The response's HEADERS are here.
  func headersReceived(_ list: HeaderList, endStream: Bool) {
    guard !isEnded else { return }
    // An answer of trailers alone passes nothing on, so that a policy may still have the call made again.
    if endStream { streamEnded() } else { answerBegun() }
    switch response.headersReceived(list, endStream: endStream) {
    case .none: break
    case .begin(let encoding):
      if encoding != .identity {
        deframer = MessageDeframer(encoding: encoding, maximumMessageBytes: configuration.maximumMessageBytes)
      }
      delegate?.upstreamInitialMetadataReceived(list.headers)
    case .end(let end): self.end(end)
    case .reject(let end): reject(end)
    }
  }

  /// DATA is here.
  func dataReceived(_ payload: ByteBuffer, endStream: Bool) {
    guard !isEnded else { return }
    credit.received(payload.readableBytes)
    if endStream {
      streamEnded()
      pendingEnd = response.endedWithoutTrailers()
    }
    if isDelivering || backlog.readableBytes > 0 || credit.held >= maximumHeld {
      keepBack(payload)
    } else {
      deliver(payload, isOurs: false)
    }
  }

  /// The trailers are here.
  func trailersReceived(_ trailers: HPACKHeaders) {
    guard !isEnded else { return }
    streamEnded()
    pendingEnd = response.trailersReceived(trailers)
    endIfDelivered()
  }

  /// The upstream has reset the stream.
  ///
  /// - Returns: how the call ends, if it is not tried again.
  func resetReceived(_ code: ErrorCode) -> CallEnd? {
    guard !isEnded else { return nil }
    streamEnded()
    // A REFUSED_STREAM must leave the response as it was: the call may start again.
    guard code == .refusedStream, !response.hasBegun else { return response.resetReceived(code) }
    return .failure(.reset(code), GRPCCode(http2ErrorCode: code.rawValue), "the upstream refused the call (\(code))")
  }

  /// Delivers what was kept back, if the caller has taken enough, and opens the window for what it took.
  func resumeDelivery() {
    guard !isDelivering else { return }
    // Half, so that a caller that takes messages singly does not get them singly.
    if backlog.readableBytes > 0, credit.held <= maximumHeld / 2 {
      let bytes = backlog
      backlog = ByteBuffer()
      deliver(bytes, isOurs: true)
    } else {
      giveBack()
    }
  }

  /// What the caller may hold before it gets nothing more: one window's worth, so that inflated messages, which a
  /// window does not bound, are bounded too.
  private var maximumHeld: Int { configuration.http2.streamWindow }

  /// - Parameter isOurs: the bytes lie in memory of this call, not in a read buffer that something else fills.
  private func deliver(_ bytes: ByteBuffer, isOurs: Bool) {
    var bytes = bytes
    isDelivering = true
    do throws(MessageFault) {
      while credit.held < maximumHeld, let message = try deframer.next(from: &bytes) {
        credit.delivered(message.readableBytes)
        delegate?.upstreamMessageReceived(message)
        guard !isEnded else { return }
      }
    } catch {
      reject(.failure(error.code == .tooLarge ? .messageTooLarge : .badResponse, error.grpcCode, error.message))
      return
    }
    isDelivering = false
    if bytes.readableBytes > 0 {
      if isOurs { backlog = bytes } else { keepBack(bytes) }
    }
    giveBack()
    endIfDelivered()
  }

  private func keepBack(_ bytes: ByteBuffer) {
    if backlog.readerIndex > backlog.readableBytes { backlog.discardReadBytes() }
    backlog.writeImmutableBuffer(bytes)
  }

  private func giveBack() {
    let count = credit.take(undelivered: deframer.bufferedBytes + backlog.readableBytes)
    guard count > 0, let (connection, id) = openStream else { return }
    connection.giveBack(count, on: id)
  }

  private func endIfDelivered() {
    guard let end = pendingEnd, !isDelivering, backlog.readableBytes == 0 else { return }
    if end.status.isOK {
      do throws(MessageFault) {
        try deframer.finish()
      } catch {
        self.end(.failure(.badResponse, error.grpcCode, error.message))
        return
      }
    }
    self.end(end)
  }

  /// Ends the call over an answer that is none, and the stream with it.
  private func reject(_ end: CallEnd) {
    if let (connection, id) = openStream { connection.cancel(id) }
    self.end(end)
  }
}
