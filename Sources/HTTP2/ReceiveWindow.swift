/// Counts what we still let the peer send on a stream or the connection, and what is to be given back
/// (RFC 9113 section 6.9).
///
/// Octets given back are collected until they are half the window, so that a WINDOW_UPDATE is rare and the peer
/// still never has to wait for one at full speed.
public struct ReceiveWindow: Sendable, Equatable {
  /// The size to which the window is always filled up again.
  public let size: Int
  /// Octets the peer may still send.
  public private(set) var available: Int
  /// Octets given back that no WINDOW_UPDATE has announced yet.
  public private(set) var unannounced: Int

  public init(size: Int) {
    self.size = size
    self.available = size
    self.unannounced = 0
  }

  /// Takes octets that have arrived, padding included.
  ///
  /// - Returns: false when they are more than were available.
  public mutating func received(_ count: Int) -> Bool {
    guard count <= available else { return false }
    available -= count
    return true
  }

  /// Gives octets back.
  ///
  /// - Returns: the increment of the WINDOW_UPDATE to send now, if any.
  public mutating func givenBack(_ count: Int) -> Int? {
    // Never more than was taken: a caller that gives back twice must not be able to open the window.
    unannounced = min(unannounced + max(count, 0), size - available)
    guard unannounced > 0, unannounced >= size / 2 else { return nil }
    defer { unannounced = 0 }
    available += unannounced
    return unannounced
  }
}
