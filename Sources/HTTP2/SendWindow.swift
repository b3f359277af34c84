/// Counts what the peer still lets us send on a stream or the connection (RFC 9113 section 6.9).
///
/// It may be negative: a SETTINGS that lowers INITIAL_WINDOW_SIZE applies to streams already open (section 6.9.2).
public struct SendWindow: Sendable, Equatable {
  /// 2^31 - 1 octets.
  public static let maximum = 0x7fff_ffff

  public private(set) var available: Int

  public init(_ available: Int) {
    self.available = available
  }

  /// Takes octets that have been sent; the caller has made sure that they are available.
  @inlinable
  public mutating func sent(_ count: Int) {
    assert(count <= max(available, 0))
    take(count)
  }

  @usableFromInline
  mutating func take(_ count: Int) {
    available -= count
  }

  /// Adds a WINDOW_UPDATE's increment, or the difference of two INITIAL_WINDOW_SIZEs, which may be negative.
  ///
  /// - Returns: false when that would take the window past 2^31 - 1; it is left as it was.
  public mutating func change(by delta: Int) -> Bool {
    guard available + delta <= Self.maximum else { return false }
    available += delta
    return true
  }
}
