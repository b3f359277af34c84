/// Decides what happens in one exchange: an HTTP/1.1 request joined to one gRPC call.
///
/// The two halves of the request side (upload and answer) move on their own, as full duplex needs; what
/// ties them together is *when the status line is decided*. It waits for the first of: the upstream's
/// first message (of a stream), its trailers, or its initial metadata and then a while of silence. An
/// error before that has its real HTTP status; after it, the answer is broken in a way that cannot be
/// mistaken for its end.
///
///     waiting ──first message │ silence──▶ streaming ──trailers OK──▶ finished (clean)
///        │                                     └──────anything else──▶ finished (broken)
///        └──────────trailers │ failure────────────────────────────────▶ finished (answered)
///
/// A machine is fed what has happened and answers with what to do; it holds no bytes and does no IO.
struct ExchangeStateMachine: ~Copyable {
  /// What the caller is given: one message as the whole body, or a stream of messages.
  enum Answer: Equatable {
    case single
    case stream
  }

  /// Whether the caller's half is still arriving.
  enum Upload: Equatable {
    case receiving
    case complete
  }

  private enum State {
    /// The call is open and the status line not decided. `hasMessage`: the only message of a `.single`
    /// answer has come and waits for its trailers. May become `streaming` or `finished`.
    case waiting(Upload, hasMessage: Bool)
    /// The status line is out, messages flow. May only become `finished`.
    case streaming(Upload)
    /// Nothing is sent to either side any more. What still comes is ignored.
    case finished(Upload)
  }

  private let answer: Answer
  private var state: State = .waiting(.receiving, hasMessage: false)

  init(answer: Answer) {
    self.answer = answer
  }

  var isFinished: Bool {
    if case .finished = state { true } else { false }
  }

  /// Whether the caller's half has arrived whole.
  var uploadIsComplete: Bool {
    switch state {
    case .waiting(let upload, _), .streaming(let upload), .finished(let upload): upload == .complete
    }
  }

  // MARK: What the caller does

  enum UploadAction: Equatable {
    /// The message goes upstream, or the stream is closed there.
    case forward
    /// The call is over; what the caller still sends is dropped.
    case drop
  }

  /// A message of the caller's has been encoded.
  mutating func requestMessageReceived() -> UploadAction {
    switch state {
    case .waiting(.receiving, _), .streaming(.receiving): .forward
    case .waiting(.complete, _), .streaming(.complete), .finished: .drop
    }
  }

  /// The caller's half has ended.
  mutating func requestEnded() -> UploadAction {
    switch state {
    case .waiting(.receiving, let hasMessage):
      state = .waiting(.complete, hasMessage: hasMessage)
      return .forward
    case .streaming(.receiving):
      state = .streaming(.complete)
      return .forward
    case .finished(.receiving):
      state = .finished(.complete)
      return .drop
    case .waiting(.complete, _), .streaming(.complete), .finished(.complete):
      return .drop
    }
  }

  enum GoneAction: Equatable {
    case cancelUpstream
    case ignore
  }

  /// The caller's connection is closed.
  mutating func downstreamClosed() -> GoneAction {
    switch state {
    case .waiting(let upload, _), .streaming(let upload):
      state = .finished(upload)
      return .cancelUpstream
    case .finished:
      return .ignore
    }
  }

  // MARK: What goes wrong on this side

  enum FailureAction: Equatable {
    /// Cancel upstream and answer with the error's own status.
    case answerError
    /// Cancel upstream and break the stream that has begun.
    case breakStream
    case ignore
  }

  /// The gateway gives the call up: bad input, a deadline, a limit.
  mutating func failed() -> FailureAction {
    switch state {
    case .waiting(let upload, _):
      state = .finished(upload)
      return .answerError
    case .streaming(let upload):
      state = .finished(upload)
      return .breakStream
    case .finished:
      return .ignore
    }
  }

  // MARK: What the upstream does

  enum MetadataAction: Equatable {
    /// Should nothing follow for a while, the status line goes out without a message.
    case armSilenceTimer
    case ignore
  }

  mutating func initialMetadataReceived() -> MetadataAction {
    switch (state, answer) {
    case (.waiting, .stream): .armSilenceTimer
    case (.waiting, .single), (.streaming, _), (.finished, _): .ignore
    }
  }

  enum SilenceAction: Equatable {
    case startStream
    case ignore
  }

  mutating func silenceElapsed() -> SilenceAction {
    switch (state, answer) {
    case (.waiting(let upload, _), .stream):
      state = .streaming(upload)
      return .startStream
    case (.waiting, .single), (.streaming, _), (.finished, _):
      return .ignore
    }
  }

  enum MessageAction: Equatable {
    /// Keep it: the trailers decide whether it is the answer.
    case hold
    case startStreamAndForward
    case forward
    /// A second message for a call that has one: cancel upstream, answer INTERNAL.
    case answerTooManyMessages
    case drop
  }

  mutating func messageReceived() -> MessageAction {
    switch (state, answer) {
    case (.waiting(let upload, hasMessage: false), .single):
      state = .waiting(upload, hasMessage: true)
      return .hold
    case (.waiting(let upload, hasMessage: true), .single):
      state = .finished(upload)
      return .answerTooManyMessages
    case (.waiting(let upload, _), .stream):
      state = .streaming(upload)
      return .startStreamAndForward
    case (.streaming, _):
      return .forward
    case (.finished, _):
      return .drop
    }
  }

  enum EndAction: Equatable {
    /// The message that was held is the answer.
    case answerMessage
    /// The status is OK but no message came: answer INTERNAL.
    case answerNoMessage
    /// Answer with the error that the end carries.
    case answerError
    /// A stream of no messages: the head and a clean end at once.
    case startAndEndStream
    case endStream
    case breakStream
    case ignore
  }

  /// The call is over, with status OK or another.
  mutating func upstreamFinished(isOK: Bool) -> EndAction {
    switch (state, answer) {
    case (.waiting(let upload, let hasMessage), .single):
      state = .finished(upload)
      guard isOK else { return .answerError }
      return hasMessage ? .answerMessage : .answerNoMessage
    case (.waiting(let upload, _), .stream):
      state = .finished(upload)
      return isOK ? .startAndEndStream : .answerError
    case (.streaming(let upload), _):
      state = .finished(upload)
      return isOK ? .endStream : .breakStream
    case (.finished, _):
      return .ignore
    }
  }
}
