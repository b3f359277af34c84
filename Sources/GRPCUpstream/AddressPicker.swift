/// Chooses one of several addresses for a call.
///
/// `load` says how busy an address is, or nil for one that takes no call now; addresses are numbered from 0.
struct AddressPicker {
  private let policy: BalancingPolicy
  private var random: SplitMix64
  private var next: Int

  /// - Parameter seed: so that not every thread and every gateway begins with the same address.
  init(_ policy: BalancingPolicy, seed: UInt64) {
    self.policy = policy
    random = SplitMix64(seed: seed)
    next = Int(truncatingIfNeeded: random.next() >> 33)
  }

  /// - Returns: nil when none takes a call.
  mutating func pick(count: Int, load: (Int) -> Int?) -> Int? {
    guard count > 0 else { return nil }
    if policy == .leastRequest, count > 1, let pick = lessBusyOfTwo(count, load) { return pick }
    // The number of addresses changes; the place is never past it by more than the remainder takes off.
    for step in 0..<count {
      let place = (next &+ step) % count
      if load(place) != nil {
        next = place + 1
        return place
      }
    }
    return nil
  }

  /// Power of two choices (Mitzenmacher 2001); nil when neither takes a call.
  private mutating func lessBusyOfTwo(_ count: Int, _ load: (Int) -> Int?) -> Int? {
    let one = Int(random.next(upperBound: UInt64(count)))
    // Any but the first, each as likely.
    var other = Int(random.next(upperBound: UInt64(count - 1)))
    if other >= one { other += 1 }
    switch (load(one), load(other)) {
    case (let first?, let second?): return second < first ? other : one
    case (_?, nil): return one
    case (nil, _?): return other
    case (nil, nil): return nil
    }
  }
}
