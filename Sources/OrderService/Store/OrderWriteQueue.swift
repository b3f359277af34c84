import GRDB
import Synchronization

/// Writes orders so that all that wait at a time share one transaction.
///
/// The one writer takes everything that has queued up, commits it, tells the submissions, and takes
/// what has queued up meanwhile. A lone order is therefore committed at once, and the busier the
/// store, the more orders pay for one sync of the log.
final class OrderWriteQueue: Sendable {
  /// Orders of one submission that were queued without another's between them.
  struct Run: Sendable {
    let submission: OrderSubmission
    var orders: [StoredOrder]
  }

  private struct State {
    var waiting: [Run] = []
    var isWriting = false
  }

  private let writer: any DatabaseWriter
  private let state = Mutex(State())

  init(writer: any DatabaseWriter) {
    self.writer = writer
  }

  func enqueue(_ order: StoredOrder, of submission: OrderSubmission) {
    let mustStart = state.withLock { state in
      if let last = state.waiting.indices.last, state.waiting[last].submission === submission {
        state.waiting[last].orders.append(order)
      } else {
        state.waiting.append(Run(submission: submission, orders: [order]))
      }
      defer { state.isWriting = true }
      return !state.isWriting
    }
    guard mustStart else { return }
    writer.asyncWriteWithoutTransaction { database in
      self.writeWhatWaits(to: database)
    }
  }

  /// Runs on the writer's queue until nothing waits.
  private func writeWhatWaits(to database: Database) {
    while true {
      let runs = state.withLock { state in
        defer { state.waiting = [] }
        state.isWriting = !state.waiting.isEmpty
        return state.waiting
      }
      if runs.isEmpty { return }
      let outcome = Result { try commit(runs, to: database) }
      for run in runs {
        run.submission.written(orders: run.orders, outcome)
      }
    }
  }

  private func commit(_ runs: [Run], to database: Database) throws {
    try database.inTransaction(.immediate) {
      let statements = try OrderStatements(database)
      for run in runs {
        for order in run.orders {
          try statements.put(order)
        }
      }
      return .commit
    }
  }
}
