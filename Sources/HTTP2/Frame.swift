/// One frame as the reader hands it on.
public enum Frame: Sendable, Equatable {
  case data(DataFrame)
  case headers(HeadersFrame)
  case priority(PriorityFrame)
  case resetStream(ResetStreamFrame)
  case settings(SettingsFrame)
  case pushPromise(PushPromiseFrame)
  case ping(PingFrame)
  case goAway(GoAwayFrame)
  case windowUpdate(WindowUpdateFrame)
  case continuation(ContinuationFrame)
  /// An extension's frame; its payload has been skipped (RFC 9113 section 5.5).
  case unknown(FrameHeader)
}
