import NIOCore

/// Says when bytes may go on, by a delay and a rate.
///
/// The rate is a bucket that fills at so many octets a second and holds a tenth of a second's worth, so that bytes leave
/// in small portions and not in bursts. What waits keeps its order.
struct TrafficShaper {
  private struct Piece {
    var bytes: ByteBuffer
    var notBefore: NIODeadline
  }

  private let delay: TimeAmount
  /// Octets a second; 0: no limit.
  private let rate: Int
  private var pieces = CircularBuffer<Piece>()
  private(set) var waitingBytes = 0
  private var allowance: Double = 0
  private var filledAt: NIODeadline?

  init(delay: TimeAmount, rate: Int) {
    self.delay = delay
    self.rate = rate
  }

  /// Bytes pass as they come.
  var isIdle: Bool { rate == 0 && delay.nanoseconds == 0 }

  mutating func append(_ bytes: ByteBuffer, at now: NIODeadline) {
    guard bytes.readableBytes > 0 else { return }
    waitingBytes += bytes.readableBytes
    pieces.append(Piece(bytes: bytes, notBefore: now + delay))
  }

  enum Release: Equatable {
    case bytes(ByteBuffer)
    /// Nothing may go before then.
    case wait(until: NIODeadline)
    /// Nothing waits.
    case none
  }

  mutating func next(at now: NIODeadline) -> Release {
    guard var piece = pieces.first else { return .none }
    guard piece.notBefore <= now else { return .wait(until: piece.notBefore) }
    let count = min(piece.bytes.readableBytes, permitted(at: now))
    guard count > 0 else {
      // Until there is room for a portion, but for one octet at least.
      let portion = max(1, min(Double(piece.bytes.readableBytes), capacity))
      return .wait(until: now + .nanoseconds(Int64((portion - allowance) / Double(rate) * 1e9) + 1))
    }
    guard let bytes = piece.bytes.readSlice(length: count) else { return .none }
    waitingBytes -= count
    if rate > 0 { allowance -= Double(count) }
    pieces.removeFirst()
    if piece.bytes.readableBytes > 0 { pieces.prepend(piece) }
    return .bytes(bytes)
  }

  private var capacity: Double { max(1, Double(rate) / 10) }

  private mutating func permitted(at now: NIODeadline) -> Int {
    guard rate > 0 else { return .max }
    if let filledAt {
      allowance = min(capacity, allowance + Double((now - filledAt).nanoseconds) / 1e9 * Double(rate))
    } else {
      allowance = capacity
    }
    filledAt = now
    return Int(allowance)
  }
}
