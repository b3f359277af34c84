internal import HTTP2

/// Hears from a connection what matters to those who hand out its streams.
protocol UpstreamConnectionDelegate: AnyObject {
  /// The upstream's SETTINGS are here: streams may be opened.
  func connectionReady(_ connection: UpstreamConnectionHandler)
  /// A stream has become free, or more are allowed.
  func connectionHasRoom(_ connection: UpstreamConnectionHandler)
  /// No more streams can be opened; those that are open go on.
  func connectionDraining(_ connection: UpstreamConnectionHandler)
  /// Nothing has been done on it for a keepalive interval.
  func connectionIdle(_ connection: UpstreamConnectionHandler)
  /// It is gone, and so are its calls.
  func connectionClosed(_ connection: UpstreamConnectionHandler)
  /// The call was certainly not processed and is to be tried again elsewhere; `end` is what it ends with if not.
  func callUnprocessed(_ call: UpstreamCall, orEndWith end: CallEnd)
}
