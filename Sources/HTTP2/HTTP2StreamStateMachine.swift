/// One stream as its client sees it, from the request's HEADERS to END_STREAM or RST_STREAM (RFC 9113 section 5.1).
///
/// A stream is `half-closed (remote)` for no longer than it takes to reset it: once the response is complete there is
/// nobody left to read the rest of the request. So the peer's END_STREAM always closes.
struct HTTP2StreamStateMachine: ~Copyable {
  private enum State {
    /// Both sides may send. -> halfClosedLocal, closed
    case open(Response)
    /// We have sent END_STREAM. -> closed
    case halfClosedLocal(Response)
    /// Nothing more is expected; what still comes is ignored.
    case closed
  }

  private enum Response {
    /// No HEADERS yet but interim ones, so many.
    case awaited(interim: Int)
    /// HEADERS are here; DATA and trailers may follow.
    case begun
  }

  private var state = State.open(.awaited(interim: 0))
  private(set) var sendWindow: SendWindow
  private var receiveWindow: ReceiveWindow
  var queue = SendQueue()

  init(sendWindow: Int, receiveWindow: Int) {
    self.sendWindow = SendWindow(sendWindow)
    self.receiveWindow = ReceiveWindow(size: receiveWindow)
  }

  /// True until our END_STREAM is on its way.
  var maySend: Bool {
    switch state {
    case .open: true
    case .halfClosedLocal, .closed: false
    }
  }

  /// Our END_STREAM has been written, so that a peer that has ended too has nothing to be told.
  private(set) var hasSentEnd = false

  enum HeadersAction: Equatable {
    /// An interim response; nothing to do.
    case none
    case response
    case trailers
    case fault(StreamFault)
  }

  /// A header block has been decoded.
  mutating func headersReceived(
    _ kind: HeaderList.Kind, endStream: Bool, maximumInterim: Int
  ) -> HeadersAction {
    switch state {
    case .open(let response):
      return headersReceived(kind, endStream, response, maximumInterim) { .open($0) }
    case .halfClosedLocal(let response):
      return headersReceived(kind, endStream, response, maximumInterim) { .halfClosedLocal($0) }
    case .closed:
      return .none
    }
  }

  private mutating func headersReceived(
    _ kind: HeaderList.Kind, _ endStream: Bool, _ response: Response, _ maximumInterim: Int,
    _ next: (Response) -> State
  ) -> HeadersAction {
    switch (response, kind) {
    case (_, .malformed(let fault)):
      state = .closed
      return .fault(.malformedHeaders(fault))
    case (.awaited(let interim), .informational):
      guard !endStream, interim < maximumInterim else {
        state = .closed
        return .fault(.informational)
      }
      state = next(.awaited(interim: interim + 1))
      return .none
    case (.awaited, .response):
      state = endStream ? .closed : next(.begun)
      return .response
    case (.begun, .trailers) where endStream:
      state = .closed
      return .trailers
    case (.awaited, .request), (.awaited, .trailers), (.begun, _):
      state = .closed
      return .fault(.unexpectedHeaders)
    }
  }

  enum DataAction: Equatable {
    case deliver
    case discard
    case fault(StreamFault)
  }

  /// A DATA frame, or a piece of one, has arrived; `count` takes padding in.
  mutating func dataReceived(_ count: Int, endStream: Bool) -> DataAction {
    switch state {
    case .open(.awaited), .halfClosedLocal(.awaited):
      state = .closed
      return .fault(.dataBeforeHeaders)
    case .open(.begun), .halfClosedLocal(.begun):
      guard receiveWindow.received(count) else {
        state = .closed
        return .fault(.windowOverrun)
      }
      if endStream { state = .closed }
      return .deliver
    case .closed:
      return .discard
    }
  }

  /// The reader has taken bytes, so the peer may send more.
  ///
  /// - Returns: the increment of the WINDOW_UPDATE to send now, if any.
  mutating func givenBack(_ count: Int) -> Int? {
    receiveWindow.givenBack(count)
  }

  /// A WINDOW_UPDATE, or a change of the peer's INITIAL_WINDOW_SIZE, has arrived.
  mutating func windowChanged(by delta: Int) -> StreamFault? {
    sendWindow.change(by: delta) ? nil : .windowOverflow
  }

  /// Bytes of DATA have been written.
  mutating func dataSent(_ count: Int) {
    sendWindow.sent(count)
  }

  /// Our END_STREAM has been written.
  mutating func endSent() {
    hasSentEnd = true
    switch state {
    case .open(let response): state = .halfClosedLocal(response)
    case .halfClosedLocal, .closed: assertionFailure("END_STREAM twice")
    }
  }
}
