import HTTP2
import NIOCore

/// One of the two directions of a tapped HTTP/2 connection: where its frames end, and what its header blocks say.
///
/// Blocks depend on all before them by HPACK's table. Once one is lost, whatever the reason, later ones of the direction
/// could be decoded to something that was never sent, so they are not decoded at all.
struct TapDirection: ~Copyable {
  /// The HEADERS or PUSH_PROMISE that CONTINUATION frames go on with.
  struct OpenBlock {
    var stream: StreamID
    var endStream: Bool
    var isPromise: Bool
  }

  /// A block that is complete, and whose it is.
  struct CompleteBlock {
    var list: HeaderList
    var stream: StreamID
    var endStream: Bool
  }

  var frames: PassiveFrameReader
  private var headers: HeaderBlockReader
  private var hasLostHeaders = false
  private var openBlock: OpenBlock?

  init(expectsPreface: Bool, limits: TapLimits) {
    frames = PassiveFrameReader(expectsPreface: expectsPreface, maximumFrameBytes: limits.maximumFrameBytes)
    headers = HeaderBlockReader(limits: limits.headerLimits)
  }

  /// RFC 9113 section 6.10: nothing but CONTINUATION may come while a block is open, and none at any other time.
  mutating func frameArrived(_ header: FrameHeader, _ frame: inout TappedFrame) {
    if let block = openBlock {
      guard header.type != .continuation || header.streamID != block.stream else { return }
      frame.remarks.append("\(ConnectionFault.continuationExpected)")
      openBlock = nil
      hasLostHeaders = true
    } else if header.type == .continuation {
      frame.remarks.append("\(ConnectionFault.continuationUnexpected)")
    }
  }

  /// A header block that was not read leaves the table unknown.
  mutating func frameNotRead(_ header: FrameHeader) {
    switch header.type {
    case .headers, .continuation, .pushPromise: hasLostHeaders = true
    default: break
    }
  }

  /// - Returns: what is in the frame's block, unless it goes on in CONTINUATION or cannot be decoded.
  mutating func headersReceived(_ headers: HeadersFrame, _ frame: inout TappedFrame) -> CompleteBlock? {
    let list = decode(headers.fragment, headers.endHeaders, &frame)
    let block = OpenBlock(stream: headers.streamID, endStream: headers.endStream, isPromise: false)
    if !headers.endHeaders { openBlock = block }
    return list.map { CompleteBlock(list: $0, stream: block.stream, endStream: block.endStream) }
  }

  /// A promise is decoded for the table's sake; gRPC has none.
  mutating func promiseReceived(_ promise: PushPromiseFrame, _ frame: inout TappedFrame) {
    _ = decode(promise.fragment, promise.endHeaders, &frame)
    if !promise.endHeaders {
      openBlock = OpenBlock(stream: promise.streamID, endStream: false, isPromise: true)
    }
  }

  mutating func continuationReceived(
    _ continuation: ContinuationFrame, _ frame: inout TappedFrame
  ) -> CompleteBlock? {
    guard let block = openBlock, block.stream == continuation.streamID else { return nil }
    if continuation.endHeaders { openBlock = nil }
    let list = decode(continuation.fragment, continuation.endHeaders, continues: true, &frame)
    guard let list, !block.isPromise else { return nil }
    return CompleteBlock(list: list, stream: block.stream, endStream: block.endStream)
  }

  /// The other side lets this one use a table of that size (RFC 7541 section 4.2).
  mutating func tableSizeAllowed(_ size: Int) { headers.tableSizeAllowed(size) }

  private mutating func decode(
    _ fragment: ByteBuffer, _ isComplete: Bool, continues: Bool = false, _ frame: inout TappedFrame
  ) -> HeaderList? {
    guard !hasLostHeaders else {
      if isComplete {
        frame.remarks.append("not decoded: a header block before it was lost, and HPACK's table with it")
      }
      return nil
    }
    do throws(ConnectionFault) {
      let list =
        continues
        ? try headers.continuation(fragment, isComplete: isComplete)
        : try headers.headers(fragment, isComplete: isComplete)
      guard let list else { return nil }
      frame.headers = list.headers
      if case .malformed(let fault) = list.kind { frame.remarks.append("malformed: \(fault)") }
      return list
    } catch {
      frame.remarks.append("\(error)")
      hasLostHeaders = true
      return nil
    }
  }
}
