/// Holds the numbers that bound what a peer can make one connection spend.
///
/// Defaults were chosen against measured servers: grpc-go answers each call with a PING and up to two
/// WINDOW_UPDATEs, so rates count only what our own traffic does not account for (see `FrameRateLimit`).
public struct ConnectionLimits: Sendable {
  /// MAX_FRAME_SIZE we announce, octets: the protocol's own default, and the least allowed.
  public var maximumFrameSize = 16_384
  /// INITIAL_WINDOW_SIZE we announce, octets: what one stream whose reader stalls may hold.
  public var streamWindow = 256 * 1024
  /// The connection's window, octets; it is given back on receipt, so a stalled stream never stops the others.
  public var connectionWindow = 4 * 1024 * 1024
  /// Size of a header list after decoding, by RFC 7541 section 4.1: names + values + 32 a field. We announce it; a
  /// longer list costs its stream.
  public var maximumHeaderListSize = 16 * 1024
  /// What of a list is decoded at most to keep HPACK's table in step; a longer one costs the connection. A server
  /// that quotes a caller's text in `grpc-message` without regard to our setting must not be a way for that caller to
  /// end everybody's calls.
  public var maximumDecodedHeaderListSize = 128 * 1024
  /// CONTINUATION frames that may follow one HEADERS.
  public var maximumContinuations = 5
  /// DATA frames in a row, over all streams, that carry no data and do not end their stream.
  public var maximumEmptyDataFrames = 100
  /// Interim (1xx) responses of one stream.
  public var maximumInformationalResponses = 100
  /// PING, SETTINGS, RST_STREAM, WINDOW_UPDATE frames, each kind for itself, in a second.
  public var maximumControlFramesPerSecond = 10_000
  /// Streams we open at a time, whatever more the peer allows.
  public var maximumConcurrentStreams = 1024
  /// Octets that may wait in one buffer for the socket before further DATA waits with its stream.
  public var maximumOutboundBytes = 256 * 1024
  /// A sender is told to pause when more than this waits with its stream, octets.
  public var sendQueueHighWatermark = 64 * 1024
  /// And to go on when it has sunk to this.
  public var sendQueueLowWatermark = 32 * 1024

  public init() {}
}
