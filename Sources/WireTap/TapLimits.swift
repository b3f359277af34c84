import HTTP2

/// The numbers that bound what a tap keeps, whatever goes through it.
public struct TapLimits: Sendable {
  /// 8 MiB of records that wait for the terminal: some seconds of what one can show. Past it frames are dropped and
  /// counted; the traffic does not wait.
  public var maximumQueuedBytes = 8 << 20
  /// 64 KiB of one frame is kept and shown; see `PassiveFrameReader`.
  public var maximumFrameBytes = PassiveFrameReader.defaultMaximumFrameBytes
  /// 1 MiB: a longer message is counted and not shown, before and after inflating.
  public var maximumMessageBytes = 1 << 20
  /// 4 MiB of incomplete messages of one connection; what begins past it is counted and not shown.
  public var maximumPartialBytes = 4 << 20
  /// 10,000 calls of one connection that are followed at once, far above any server's MAX_CONCURRENT_STREAMS; frames of
  /// further ones are shown, but not taken together to calls.
  public var maximumCalls = 10_000
  /// 64 KiB of HPACK's dynamic table in each direction, if the receiver's SETTINGS allow that much: the largest that
  /// clients in use ask for.
  public var maximumHeaderTableBytes = 64 << 10
  /// A header block of more frames or octets is not decoded, nor are later ones of its direction.
  public var maximumContinuations = 64
  public var maximumHeaderListBytes = 128 << 10
  /// 1 MiB that waits because of a delay or a rate; more is not read until it has left.
  public var maximumDelayedBytes = 1 << 20

  public init() {}

  var headerLimits: ConnectionLimits {
    var limits = ConnectionLimits()
    limits.maximumContinuations = maximumContinuations
    limits.maximumDecodedHeaderListSize = maximumHeaderListBytes
    limits.maximumHeaderListSize = maximumHeaderListBytes
    return limits
  }
}
