public import NIOCore

/// Bounds how often a peer may send one kind of frame; time is an argument.
///
/// A second's allowance of `maximum` frames lies ready, and fills up again within a second. Beyond that, frames that
/// our own traffic calls for are free: a server may answer every DATA frame with WINDOW_UPDATEs and a PING (grpc-go
/// does), and a busy connection must not look like a flood because of it.
public struct FrameRateLimit: Sendable, Equatable {
  public let maximum: Int
  private var left: Int
  private var earned = 0
  private var second: NIODeadline?

  public init(maximum: Int) {
    self.maximum = maximum
    self.left = maximum
  }

  /// Says that `count` such frames are to be expected because of what we have sent.
  @inlinable
  public mutating func expect(_ count: Int) {
    add(count)
  }

  @usableFromInline
  mutating func add(_ count: Int) {
    // An answer may come late, but a peer must not save up for an attack.
    earned = min(earned + count, 4 * maximum)
  }

  /// Counts one frame that arrived at `now`.
  ///
  /// - Returns: false when it is one too many.
  public mutating func allows(at now: NIODeadline) -> Bool {
    if earned > 0 {
      earned -= 1
      return true
    }
    if let second, now - second < .seconds(1) {
      guard left > 0 else { return false }
      left -= 1
    } else {
      second = now
      left = maximum - 1
    }
    return left >= 0
  }
}
