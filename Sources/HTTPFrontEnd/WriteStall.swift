import NIOCore

/// Tells a caller that reads slowly from one that does not read: as long as the number of waiting bytes
/// changes between two looks, something is taken. The bytes in the kernel's send queue count as well: it asks for more
/// only when a good part of it is free, which at a few KiB a second may take minutes.
struct WriteStall {
  private var waiting = 0
  private var since: NIODeadline = .distantPast

  /// When the connection is to be given up unless something moves; `nil` when nothing waits.
  mutating func deadline(waiting now: Int, now time: NIODeadline, limit: TimeAmount) -> NIODeadline? {
    guard now > 0 else {
      waiting = 0
      return nil
    }
    if now != waiting {
      waiting = now
      since = time
    }
    return since + limit
  }
}
