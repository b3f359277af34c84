import Synchronization

/// The orders of one call on their way into the store.
///
/// `add` queues an order and returns while fewer than `maximumWaitingBytes` of this submission wait for
/// their commit; past that it suspends, which is what stops a sender that is faster than the disk.
/// `finish` returns after the commit of everything added. The first failure of the store is thrown
/// by whichever of the two comes next; there is one caller, so at most one waits.
final class OrderSubmission: Sendable {
  /// Enough for one transaction while the next one gathers; per call in flight.
  static let maximumWaitingBytes = 1 << 20

  private struct State {
    var waitingBytes = 0
    var failure: (any Error)?
    /// The caller, and the number of waiting bytes at which it goes on.
    var caller: (continuation: CheckedContinuation<Void, any Error>, limit: Int)?
  }

  private let queue: OrderWriteQueue
  private let state = Mutex(State())

  init(queue: OrderWriteQueue) {
    self.queue = queue
  }

  /// How many bytes were added and are not committed yet.
  var waitingBytes: Int { state.withLock { $0.waitingBytes } }

  func add(_ order: StoredOrder) async throws {
    let isFull = try state.withLock { state in
      if let failure = state.failure { throw failure }
      state.waitingBytes += order.size
      return state.waitingBytes > Self.maximumWaitingBytes
    }
    queue.enqueue(order, of: self)
    if isFull {
      try await waitUntil(waitingBytes: Self.maximumWaitingBytes / 2)
    }
  }

  func finish() async throws {
    try await waitUntil(waitingBytes: 0)
  }

  private func waitUntil(waitingBytes limit: Int) async throws {
    try await withCheckedThrowingContinuation { continuation in
      let outcome: Result<Void, any Error>? = state.withLock { state in
        if let failure = state.failure { return .failure(failure) }
        if state.waitingBytes <= limit { return .success(()) }
        state.caller = (continuation, limit)
        return nil
      }
      if let outcome { continuation.resume(with: outcome) }
    }
  }

  /// The transaction that held these orders has ended; called on the writer's queue.
  func written(orders: [StoredOrder], _ outcome: Result<Void, any Error>) {
    let size = orders.reduce(0) { $0 + $1.size }
    let resumed = state.withLock { state in
      state.waitingBytes -= size
      if case .failure(let error) = outcome, state.failure == nil { state.failure = error }
      guard let caller = state.caller, state.failure != nil || state.waitingBytes <= caller.limit else {
        return nil as (CheckedContinuation<Void, any Error>, Result<Void, any Error>)?
      }
      state.caller = nil
      return (caller.continuation, state.failure.map { .failure($0) } ?? .success(()))
    }
    if let (continuation, result) = resumed { continuation.resume(with: result) }
  }
}
