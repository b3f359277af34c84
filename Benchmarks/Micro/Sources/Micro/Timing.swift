import CAllocationCount

/// How long one operation takes, and what it allocates.
struct Timing {
  let nanoseconds: Double
  let allocations: Double

  /// The fastest of several batches: what disturbs a measurement only ever makes it slower.
  init(_ subject: Subject, seconds: Double) throws {
    let operations = try subject.prepare()
    try operations(2)
    let clock = ContinuousClock()
    var count = 1
    while try clock.measure({ try operations(count) }) < .seconds(seconds / 10) { count *= 2 }
    var best = Double.infinity
    var allocated: UInt64 = 0
    for _ in 0..<8 {
      let before = allocation_count()
      let elapsed = try clock.measure { try operations(count) }
      allocated = allocation_count() - before
      let (whole, fraction) = elapsed.components
      best = min(best, (Double(whole) * 1e9 + Double(fraction) / 1e9) / Double(count))
    }
    nanoseconds = best
    allocations = Double(allocated) / Double(count)
  }
}
