public import NIOCore

/// Cuts the bytes of one direction of a connection into frames.
///
/// It keeps at most one incomplete frame, and of that at most `maximumFrameSize` octets: a frame's length is judged
/// on its header, before any of its payload is kept. DATA is handed on as it arrives, in slices of what was read, so
/// it is never kept at all; a caller that wants whole frames asks for `wholeFrames`. The rules that need no more than
/// the order and shape of the frames are enforced here: lengths, streams, padding, and that a header block is not
/// interrupted (RFC 9113 sections 3.4, 4.1, 4.2, 6). After a fault nothing more comes out.
public struct FrameReader: ~Copyable {
  /// What the bytes start with.
  public enum Opening: Sendable {
    /// The client's preface, then SETTINGS: what a server reads.
    case clientPreface
    /// SETTINGS: what a client reads.
    case settings
    /// Any frame: a connection that is joined in the middle.
    case anything
  }

  public enum DataDelivery: Sendable {
    case asItArrives
    case wholeFrames
  }

  private enum State {
    /// Waiting for the 24 octets of the client's preface.
    case preface
    /// Waiting for a frame's header.
    case header
    /// The header is known; waiting for the whole payload.
    case payload(FrameHeader)
    /// Inside a DATA frame that is handed on in pieces.
    case data(PartialDataFrame)
    /// Inside a frame nobody wants.
    case skipping(Int)
    case failed(ConnectionFault)
  }

  private let maximumFrameSize: Int
  private let delivery: DataDelivery
  private var state: State
  private var isFirstFrame: Bool
  /// The stream whose header block is open, and which alone may send, by CONTINUATION only.
  private var openBlock: StreamID?
  private var unread = ByteBuffer()
  /// True when `unread` is memory of our own, into which further bytes can go.
  private var ownsUnread = false

  public init(
    expecting opening: Opening, maximumFrameSize: Int = 16_384, dataDelivery: DataDelivery = .asItArrives
  ) {
    self.maximumFrameSize = maximumFrameSize
    self.delivery = dataDelivery
    self.state = opening == .clientPreface ? .preface : .header
    self.isFirstFrame = opening != .anything
  }

  /// Octets that are kept because they are not a whole frame yet.
  public var bufferedBytes: Int { unread.readableBytes }

  /// Adds bytes as they were read; `next()` then gives the frames in them.
  public mutating func append(_ bytes: ByteBuffer) {
    guard unread.readableBytes > 0 else {
      unread = bytes
      ownsUnread = false
      return
    }
    // What is left over mostly is a slice of the last read. It moves to memory of its own once and grows there;
    // after something was taken from the front it may be shared with a slice that was handed out.
    if !ownsUnread || unread.readerIndex > 0 {
      var merged = ByteBuffer()
      merged.reserveCapacity(unread.readableBytes + bytes.readableBytes)
      merged.writeImmutableBuffer(unread)
      unread = merged
      ownsUnread = true
    }
    unread.writeImmutableBuffer(bytes)
  }

  /// Takes the next frame, or piece of a DATA frame.
  ///
  /// - Returns: nil when more bytes are needed.
  public mutating func next() throws(ConnectionFault) -> Frame? {
    do throws(ConnectionFault) {
      return try take()
    } catch {
      state = .failed(error)
      unread = ByteBuffer()
      throw error
    }
  }

  private mutating func take() throws(ConnectionFault) -> Frame? {
    while true {
      switch state {
      case .preface:
        guard try takePreface() else { return nil }
        state = .header
      case .header:
        guard let header = FrameHeader(readingFrom: &unread) else { return nil }
        try judge(header)
        if header.type == .data, delivery == .asItArrives {
          state = .data(PartialDataFrame(header))
        } else if header.isRecognised {
          state = .payload(header)
        } else {
          state = .skipping(header.length)
          return .unknown(header)
        }
      case .payload(let header):
        guard var payload = unread.readSlice(length: header.length) else { return nil }
        state = .header
        return try Frame(header, payload: &payload)
      case .data(var data):
        let piece = try data.takePiece(from: &unread)
        state = data.isComplete ? .header : .data(data)
        return piece.map { .data($0) }
      case .skipping(let count):
        let step = min(count, unread.readableBytes)
        unread.moveReaderIndex(forwardBy: step)
        guard step == count else {
          state = .skipping(count - step)
          return nil
        }
        state = .header
      case .failed(let fault):
        throw fault
      }
    }
  }

  /// Judges as early as the first octet that differs, so that an HTTP/1.1 peer is found out at once.
  private mutating func takePreface() throws(ConnectionFault) -> Bool {
    let expected = ConnectionPreface.bytes.utf8CodeUnitCount
    let count = min(expected, unread.readableBytes)
    let matches = unread.withUnsafeReadableBytes { bytes in
      ConnectionPreface.bytes.withUTF8Buffer { $0.prefix(count).elementsEqual(bytes.prefix(count)) }
    }
    guard matches else { throw .notHTTP2 }
    guard count == expected else { return false }
    unread.moveReaderIndex(forwardBy: expected)
    return true
  }

  /// Applies every rule that the header alone can break.
  private mutating func judge(_ header: FrameHeader) throws(ConnectionFault) {
    if isFirstFrame {
      guard header.type == .settings, !header.flags.contains(.acknowledgement) else { throw .notHTTP2 }
      isFirstFrame = false
    }
    guard header.length <= maximumFrameSize else { throw .frameTooLarge(header.type) }
    guard header.hasItsStream else { throw .streamForbidden(header.type) }
    guard header.hasItsLength else { throw .frameSize(header.type) }
    if let openBlock {
      guard header.type == .continuation, header.streamID == openBlock else { throw .continuationExpected }
      if header.flags.contains(.endHeaders) { self.openBlock = nil }
    } else {
      guard header.type != .continuation else { throw .continuationUnexpected }
      let opensBlock = header.type == .headers || header.type == .pushPromise
      if opensBlock, !header.flags.contains(.endHeaders) { openBlock = header.streamID }
    }
  }
}
