/// Names one stream of a connection (RFC 9113 section 5.1.1), or the connection itself as `.connection`.
///
/// 31 bits: the reserved bit is cleared on reading and never written. A client opens odd streams in rising order.
public struct StreamID: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let rawValue: UInt32

  /// The connection itself: SETTINGS, PING, GOAWAY and the connection's own window.
  public static let connection = StreamID(0)
  /// The first stream a client opens.
  public static let firstOfClient = StreamID(1)
  /// The highest stream there can be; a GOAWAY that names it announces the end without refusing anything yet.
  public static let maximum = StreamID(0x7fff_ffff)

  @inlinable
  public init(_ rawValue: UInt32) {
    self.rawValue = rawValue & 0x7fff_ffff
  }

  /// True for a stream a client may open.
  @inlinable
  public var isOpenedByClient: Bool { rawValue & 1 == 1 }

  /// The next stream of the same side; nil when the numbers are used up and a new connection is needed.
  @inlinable
  public var next: StreamID? {
    rawValue <= 0x7fff_ffff - 2 ? StreamID(rawValue + 2) : nil
  }

  @inlinable
  public static func < (left: StreamID, right: StreamID) -> Bool { left.rawValue < right.rawValue }

  public var description: String { "\(rawValue)" }
}
