public import NIOCore

/// Orders many deadlines of one event loop, so that a single timer of the loop serves them all.
///
/// Scheduling a task on the loop for every request costs an allocation and a wake-up of the selector's
/// bookkeeping; almost all deadlines are cancelled long before they are due. Here arming, moving and
/// disarming is a step in a binary heap whose entries know their own place.
///
/// Nothing here looks at a clock: whoever drives the queue asks for what is due at a time.
public struct DeadlineQueue {
  /// Something that waits for a time. An entry is armed in at most one queue.
  public final class Entry {
    fileprivate(set) var deadline: NIODeadline = .distantFuture
    fileprivate var index = -1

    /// Called once the deadline has passed and the entry has been disarmed. Held while the entry is armed and no
    /// longer: a weak reference would make every retain of the owner a slow one.
    fileprivate(set) var owner: (any DeadlineOwner)?

    public init() {}

    public var isArmed: Bool { index >= 0 }
  }

  private var heap: [Entry] = []

  public init() {}

  public var isEmpty: Bool { heap.isEmpty }
  public var count: Int { heap.count }

  /// The time of the earliest deadline.
  public var earliest: NIODeadline? { heap.first?.deadline }

  /// Arms `entry`, or moves it when it is armed already.
  public mutating func arm(_ entry: Entry, of owner: (any DeadlineOwner)? = nil, at deadline: NIODeadline) {
    entry.deadline = deadline
    if entry.index < 0 {
      entry.owner = owner
      entry.index = heap.count
      heap.append(entry)
      siftUp(entry.index)
    } else {
      siftUp(entry.index)
      siftDown(entry.index)
    }
  }

  public mutating func disarm(_ entry: Entry) {
    let index = entry.index
    guard index >= 0, index < heap.count else { return }
    entry.index = -1
    entry.owner = nil
    let last = heap.removeLast()
    guard last !== entry else { return }
    heap[index] = last
    last.index = index
    siftUp(index)
    siftDown(last.index)
  }

  /// Takes out one entry that is due at `now`, with its owner; `nil` when none is.
  public mutating func popDue(at now: NIODeadline) -> (entry: Entry, owner: (any DeadlineOwner)?)? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    let owner = first.owner
    disarm(first)
    return (first, owner)
  }

  private mutating func siftUp(_ start: Int) {
    var index = start
    while index > 0 {
      let parent = (index - 1) / 2
      guard heap[index].deadline < heap[parent].deadline else { return }
      swapEntries(index, parent)
      index = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    while true {
      var smallest = index
      let left = 2 * index + 1
      let right = left + 1
      if left < heap.count, heap[left].deadline < heap[smallest].deadline { smallest = left }
      if right < heap.count, heap[right].deadline < heap[smallest].deadline { smallest = right }
      guard smallest != index else { return }
      swapEntries(index, smallest)
      index = smallest
    }
  }

  private mutating func swapEntries(_ a: Int, _ b: Int) {
    heap.swapAt(a, b)
    heap[a].index = a
    heap[b].index = b
  }
}

/// What is told when its deadline has passed.
public protocol DeadlineOwner: AnyObject {
  func deadlineReached(now: NIODeadline)
}
