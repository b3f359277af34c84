/// Counts how long calls took, in the buckets of a Prometheus histogram.
public struct LatencyHistogram: Sendable, Equatable {
  /// Upper bounds in nanoseconds: from a call that never leaves the rack to one that a default deadline ends.
  public static let bounds: [Int64] = [
    500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
    500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000, 30_000_000_000,
  ]

  /// Calls of each bucket alone, the last without a bound.
  public private(set) var counts = [Int](repeating: 0, count: LatencyHistogram.bounds.count + 1)
  /// Nanoseconds.
  public private(set) var sum: Int64 = 0

  public init() {}

  public var count: Int { counts.reduce(0, +) }

  public mutating func record(_ nanoseconds: Int64) {
    var bucket = 0
    while bucket < Self.bounds.count, nanoseconds > Self.bounds[bucket] { bucket += 1 }
    counts[bucket] += 1
    sum &+= max(0, nanoseconds)
  }

  public mutating func merge(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    sum &+= other.sum
  }
}
