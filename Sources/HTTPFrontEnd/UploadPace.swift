import NIOCore

/// The least rate at which the body of a request that is one message has to arrive.
///
/// A caller that sends a byte now and then is never idle, and holds memory all the same. After a while that every
/// slow start is granted, the bytes that have come buy the time they may have taken: `rate` of them a second.
struct UploadPace: Equatable {
  /// When the body was first awaited.
  var began: NIODeadline
  var grace: TimeAmount
  /// Bytes a second; 0 turns the rule off.
  var rate: Int

  /// Until when more has to have come than `received` bytes.
  func deadline(received: Int) -> NIODeadline {
    guard rate > 0 else { return .distantFuture }
    let seconds = Int64(received / rate)
    let rest = Int64(received % rate) * 1_000_000_000 / Int64(rate)
    return began + max(grace, .seconds(seconds) + .nanoseconds(rest))
  }
}
