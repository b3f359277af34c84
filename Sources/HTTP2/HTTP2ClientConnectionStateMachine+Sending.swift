internal import NIOCore

/// Requests: HEADERS and DATA under the peer's windows (RFC 9113 sections 5.2, 6.9).
extension HTTP2ClientConnectionStateMachine {
  public enum OpenAction: Equatable, Sendable {
    case opened(StreamID)
    /// No stream can be opened now, or none any more.
    case unavailable
    case connectionFault(ConnectionFault)
  }

  /// Opens a stream with a request's HEADERS; DATA or an end will follow.
  ///
  /// - Parameters:
  ///   - definition: what gRPC wants in front of the metadata.
  ///   - metadata: what else only this request has.
  public mutating func open(
    _ head: RequestHead, definition: borrowing LiteralFields = .init(), metadata: borrowing LiteralFields = .init()
  ) -> OpenAction {
    guard freeStreams > 0, let id = nextStreamID else { return .unavailable }
    let start = outbound.writerIndex
    FrameHeader(length: 0, type: .headers, flags: .endHeaders, streamID: id).write(into: &outbound)
    do throws(ConnectionFault) {
      try headerWriter.write(head, definition: definition, metadata: metadata, into: &outbound)
    } catch {
      outbound.moveWriterIndex(to: start)
      failed(error)
      return .connectionFault(error)
    }
    let length = outbound.writerIndex - start - FrameHeader.byteCount
    if length <= peerSettings.maxFrameSize {
      // The upper 24 bits of the header's first word; the lower 8 are the type.
      outbound.setInteger(UInt32(length) << 8 | UInt32(FrameType.headers.rawValue), at: start)
    } else {
      splitBlock(from: start, length: length, id)
    }
    nextStreamID = id.next
    streams.insert(
      HTTP2StreamStateMachine(sendWindow: peerSettings.initialWindowSize, receiveWindow: limits.streamWindow), for: id)
    resetLimit.expect(1)
    pingLimit.expect(1)
    windowUpdateLimit.expect(2)
    return .opened(id)
  }

  /// Cuts a block that is longer than a frame may be into HEADERS and CONTINUATIONs.
  private mutating func splitBlock(from start: Int, length: Int, _ id: StreamID) {
    var block = outbound.getSlice(at: start + FrameHeader.byteCount, length: length) ?? ByteBuffer()
    outbound.moveWriterIndex(to: start)
    var isFirst = true
    while block.readableBytes > 0 {
      let fragment = block.readSlice(length: min(block.readableBytes, peerSettings.maxFrameSize)) ?? ByteBuffer()
      let isLast = block.readableBytes == 0
      if isFirst {
        HeadersFrame(streamID: id, fragment: fragment, endStream: false, endHeaders: isLast).write(into: &outbound)
      } else {
        ContinuationFrame(streamID: id, fragment: fragment, endHeaders: isLast).write(into: &outbound)
      }
      isFirst = false
    }
  }

  public enum SendAction: Equatable, Sendable {
    /// Everything is written, or little enough waits.
    case proceed
    /// More waits than the watermark; `nextDrainedStream` will name the stream when it has gone.
    case pause
    /// The stream is gone, or has been ended by us; nothing was sent.
    case streamGone
  }

  /// Sends bytes on a stream: `head` and then `body`, as DATA frames as far as the windows allow, the rest later.
  ///
  /// Two parts, so that a prefix need not be copied together with what it prefixes.
  public mutating func send(_ head: RawSpan, _ body: RawSpan, endStream: Bool, on id: StreamID) -> SendAction {
    guard !isClosed, let stream = streams.pointer(for: id), stream.pointee.maySend, !stream.pointee.queue.endsStream
    else { return .streamGone }
    let total = head.byteCount + body.byteCount
    var written = 0
    if stream.pointee.queue.isEmpty {
      written = isOutboundFull ? 0 : min(total, max(min(stream.pointee.sendWindow.available, sendWindow.available), 0))
      let isAll = written == total
      if written > 0 || (isAll && endStream) {
        writeData(head, body, count: written, endStream: isAll && endStream, id)
        stream.pointee.dataSent(written)
        sendWindow.sent(written)
      }
      if isAll {
        if endStream { stream.pointee.endSent() }
        return .proceed
      }
    }
    let headLeft = head.extracting(droppingFirst: min(written, head.byteCount))
    stream.pointee.queue.append(headLeft)
    stream.pointee.queue.append(body.extracting(droppingFirst: max(written - head.byteCount, 0)))
    stream.pointee.queue.endsStream = endStream
    if !stream.pointee.queue.isListed {
      stream.pointee.queue.isListed = true
      enlist(id)
    }
    guard stream.pointee.queue.bytes.readableBytes > limits.sendQueueHighWatermark else { return .proceed }
    stream.pointee.queue.isFull = true
    return .pause
  }

  private mutating func enlist(_ id: StreamID) {
    // Streams that have gone leave the list when it is next gone through, or here, so that it stays as short as they.
    if waiting.count > 2 * streams.count + 16 { waiting.removeAll { !streams.contains($0) } }
    waiting.append(id)
  }

  /// The next stream whose sender was told to pause and may go on; nil when all have been named.
  public mutating func nextDrainedStream() -> StreamID? {
    drained.popLast()
  }

  /// Writes what waits and may go now: after the socket has become writable, or `outbound` was taken.
  public mutating func resumeSending() {
    resumeSending(afterSettings: false)
  }

  /// - Parameter afterSettings: streams' own windows may have opened.
  mutating func resumeSending(afterSettings: Bool) {
    guard !waiting.isEmpty, sendWindow.available > 0 || afterSettings else { return }
    // In turn, a share each, so that one long upload does not hold up the others.
    var progressed = true
    while progressed, !isOutboundFull {
      progressed = false
      var left: [StreamID] = []
      for (index, id) in waiting.enumerated() {
        guard !isOutboundFull else {
          left = waiting[index...] + left
          break
        }
        let written = drain(id, atMost: 4 * peerSettings.maxFrameSize)
        progressed = progressed || written > 0
        guard let stream = streams.pointer(for: id) else { continue }
        stream.pointee.queue.isListed = !stream.pointee.queue.isEmpty
        if stream.pointee.queue.isListed { left.append(id) }
      }
      waiting = left
    }
  }

  /// Writes what waits on one stream and may go now; returns how many bytes.
  @discardableResult
  mutating func drain(_ id: StreamID, atMost share: Int) -> Int {
    guard let stream = streams.pointer(for: id) else { return 0 }
    var written = 0
    while !stream.pointee.queue.isEmpty, written < share, !isOutboundFull {
      let allowed = min(stream.pointee.sendWindow.available, sendWindow.available, share - written)
      let bytes = stream.pointee.queue.take(max(min(allowed, peerSettings.maxFrameSize), 0))
      let isLast = stream.pointee.queue.bytes.readableBytes == 0
      guard bytes.readableBytes > 0 || isLast else { break }
      let endStream = isLast && stream.pointee.queue.endsStream
      DataFrame(streamID: id, payload: bytes, endStream: endStream).write(into: &outbound)
      expectAnswers()
      stream.pointee.dataSent(bytes.readableBytes)
      sendWindow.sent(bytes.readableBytes)
      written += bytes.readableBytes
      if endStream {
        stream.pointee.queue.endsStream = false
        stream.pointee.endSent()
      }
    }
    if stream.pointee.queue.isEmpty { stream.pointee.queue.discardTaken() }
    if stream.pointee.queue.isFull, stream.pointee.queue.bytes.readableBytes <= limits.sendQueueLowWatermark {
      stream.pointee.queue.isFull = false
      drained.append(id)
    }
    return written
  }

  /// Further DATA waits with its stream.
  private var isOutboundFull: Bool { !isTransportWritable || outbound.readableBytes >= limits.maximumOutboundBytes }

  /// Writes the first `count` bytes of `head` and `body` as DATA frames; an empty one when `count` is 0.
  private mutating func writeData(
    _ head: RawSpan, _ body: RawSpan, count: Int, endStream: Bool, _ id: StreamID
  ) {
    var offset = 0
    repeat {
      let length = min(count - offset, peerSettings.maxFrameSize)
      let end = offset + length
      let header = FrameHeader(
        length: length, type: .data, flags: endStream && end == count ? .endStream : [], streamID: id)
      // One reservation for the frame: a small message is three small pieces.
      outbound.writeWithUnsafeMutableBytes(minimumWritableBytes: FrameHeader.byteCount + length) { target in
        header.store(to: target)
        var written = FrameHeader.byteCount
        func append(_ bytes: RawSpan) {
          bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: target[written...]).copyMemory(from: $0) }
          written += bytes.byteCount
        }
        if offset < head.byteCount { append(head.extracting(offset..<min(end, head.byteCount))) }
        if end > head.byteCount {
          append(body.extracting(max(offset - head.byteCount, 0)..<(end - head.byteCount)))
        }
        return written
      }
      expectAnswers()
      offset = end
    } while offset < count
  }

  /// A server may answer each DATA frame with a WINDOW_UPDATE for the stream and the connection, and a PING.
  private mutating func expectAnswers() {
    windowUpdateLimit.expect(2)
    pingLimit.expect(1)
  }
}
