public import NIOCore

/// Frames of streams: HEADERS, CONTINUATION, DATA, RST_STREAM, WINDOW_UPDATE.
extension HTTP2ClientConnectionStateMachine {
  public enum HeadersAction: Equatable, Sendable {
    /// The block is not complete, the response is an interim one, or the stream is gone.
    case none
    /// The response has begun; with `endStream` it is over, and so is the stream.
    case response(StreamID, HeaderList, endStream: Bool)
    /// The response is over, and so is the stream.
    case trailers(StreamID, HeaderList)
    /// The stream has been reset.
    case streamFault(StreamID, StreamFault)
    case connectionFault(ConnectionFault)
  }

  /// HEADERS have arrived (RFC 9113 section 6.2).
  public mutating func headersReceived(_ frame: HeadersFrame) -> HeadersAction {
    guard !isClosed else { return .none }
    do throws(ConnectionFault) {
      try requireOpened(frame.streamID, .headers)
      guard let list = try headerReader.headers(frame.fragment, isComplete: frame.endHeaders) else {
        openBlock = (frame.streamID, frame.endStream)
        return .none
      }
      return headersComplete(frame.streamID, list, endStream: frame.endStream)
    } catch {
      failed(error)
      return .connectionFault(error)
    }
  }

  /// A CONTINUATION has arrived (section 6.10).
  public mutating func continuationReceived(_ frame: ContinuationFrame) -> HeadersAction {
    guard !isClosed else { return .none }
    do throws(ConnectionFault) {
      guard let open = openBlock else { throw .continuationUnexpected }
      guard let list = try headerReader.continuation(frame.fragment, isComplete: frame.endHeaders) else { return .none }
      openBlock = nil
      return headersComplete(open.streamID, list, endStream: open.endStream)
    } catch {
      failed(error)
      return .connectionFault(error)
    }
  }

  private mutating func headersComplete(_ id: StreamID, _ list: HeaderList, endStream: Bool) -> HeadersAction {
    // A stream that is gone was ended or reset by either side; what was under way then is no error.
    guard let stream = streams.pointer(for: id) else { return .none }
    let action = stream.pointee.headersReceived(
      list.kind, endStream: endStream, maximumInterim: limits.maximumInformationalResponses)
    switch action {
    case .none: return .none
    case .response:
      if endStream { closeAnswered(id) }
      return .response(id, list, endStream: endStream)
    case .trailers:
      closeAnswered(id)
      return .trailers(id, list)
    case .fault(let fault):
      reset(id, fault.code)
      return .streamFault(id, fault)
    }
  }

  public enum DataAction: Equatable, Sendable {
    /// The payload is the stream's; with `endStream` the response is over, and so is the stream.
    case deliver(endStream: Bool)
    /// The stream is gone.
    case discard
    /// The stream has been reset.
    case streamFault(StreamFault)
    case connectionFault(ConnectionFault)
  }

  /// DATA has arrived, a whole frame or a piece (section 6.1).
  public mutating func dataReceived(_ frame: DataFrame) -> DataAction {
    guard !isClosed else { return .discard }
    do throws(ConnectionFault) {
      try requireOpened(frame.streamID, .data)
      try countEmptyData(frame)
      guard receiveWindow.received(frame.flowControlledBytes) else { throw .connectionWindowOverrun }
    } catch {
      failed(error)
      return .connectionFault(error)
    }
    // On receipt: what a stream's reader leaves lying is bounded by the stream's own window.
    if let increment = receiveWindow.givenBack(frame.flowControlledBytes) {
      WindowUpdateFrame(streamID: .connection, increment: increment).write(into: &outbound)
    }
    guard let stream = streams.pointer(for: frame.streamID) else { return .discard }
    switch stream.pointee.dataReceived(frame.flowControlledBytes, endStream: frame.endStream) {
    case .deliver:
      // Padding has no reader who could give it back.
      giveBack(frame.flowControlledBytes - frame.payload.readableBytes, on: frame.streamID)
      if frame.endStream { closeAnswered(frame.streamID) }
      return .deliver(endStream: frame.endStream)
    case .discard: return .discard
    case .fault(let fault):
      reset(frame.streamID, fault.code)
      return .streamFault(fault)
    }
  }

  private mutating func countEmptyData(_ frame: DataFrame) throws(ConnectionFault) {
    guard frame.isEmptyFrame, !frame.endStream else {
      if frame.payload.readableBytes > 0 { emptyDataFrames = 0 }
      return
    }
    guard frame.isLastPiece else { return }
    emptyDataFrames += 1
    guard emptyDataFrames <= limits.maximumEmptyDataFrames else { throw .emptyData }
  }

  public enum ResetAction: Equatable, Sendable {
    case none
    /// The peer has reset the stream, and it is gone.
    case reset(ErrorCode)
    case connectionFault(ConnectionFault)
  }

  /// RST_STREAM has arrived (section 6.4).
  public mutating func resetReceived(_ frame: ResetStreamFrame, at now: NIODeadline) -> ResetAction {
    guard !isClosed else { return .none }
    do throws(ConnectionFault) {
      guard resetLimit.allows(at: now) else { throw .flood(.resetStream) }
      try requireOpened(frame.streamID, .resetStream)
    } catch {
      failed(error)
      return .connectionFault(error)
    }
    return streams.remove(frame.streamID) == nil ? .none : .reset(frame.code)
  }

  public enum WindowUpdateAction: Equatable, Sendable {
    /// Waiting bytes may have gone.
    case none
    /// The stream has been reset.
    case streamFault(StreamFault)
    case connectionFault(ConnectionFault)
  }

  /// WINDOW_UPDATE has arrived (section 6.9).
  public mutating func windowUpdateReceived(_ frame: WindowUpdateFrame, at now: NIODeadline) -> WindowUpdateAction {
    guard !isClosed else { return .none }
    do throws(ConnectionFault) {
      guard windowUpdateLimit.allows(at: now) else { throw .flood(.windowUpdate) }
      guard frame.streamID != .connection else {
        guard frame.increment > 0 else { throw .zeroWindowUpdate }
        guard sendWindow.change(by: frame.increment) else { throw .windowOverflow }
        resumeSending()
        return .none
      }
      try requireOpened(frame.streamID, .windowUpdate)
    } catch {
      failed(error)
      return .connectionFault(error)
    }
    guard let stream = streams.pointer(for: frame.streamID) else { return .none }
    let fault = frame.increment == 0 ? .zeroWindowUpdate : stream.pointee.windowChanged(by: frame.increment)
    if let fault {
      reset(frame.streamID, fault.code)
      return .streamFault(fault)
    }
    if !stream.pointee.queue.isEmpty { drain(frame.streamID, atMost: .max) }
    return .none
  }

  /// A frame on a stream that was never opened is an error of the connection (section 5.1, idle); the peer cannot
  /// open any while push is off.
  private func requireOpened(_ id: StreamID, _ type: FrameType) throws(ConnectionFault) {
    guard id.isOpenedByClient else { throw .idleStream(type) }
    if let nextStreamID, id >= nextStreamID { throw .idleStream(type) }
  }

  /// The peer is done with the stream. If we are not, it is reset: with NO_ERROR, as nothing is wrong (section 8.1).
  private mutating func closeAnswered(_ id: StreamID) {
    guard let stream = streams.remove(id), !stream.hasSentEnd else { return }
    ResetStreamFrame(streamID: id, code: .noError).write(into: &outbound)
  }

  // MARK: What the owner does with streams

  /// Ends a stream at once; unknown and closed ones are left alone.
  public mutating func reset(_ id: StreamID, _ code: ErrorCode) {
    guard streams.remove(id) != nil, !isClosed else { return }
    ResetStreamFrame(streamID: id, code: code).write(into: &outbound)
  }

  /// The reader has taken so many bytes of a stream's DATA; the peer may send more.
  public mutating func giveBack(_ count: Int, on id: StreamID) {
    guard count > 0, !isClosed, let increment = streams.pointer(for: id)?.pointee.givenBack(count) else { return }
    WindowUpdateFrame(streamID: id, increment: increment).write(into: &outbound)
  }
}
