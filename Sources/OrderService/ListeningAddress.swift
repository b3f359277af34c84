import Synchronization

/// An address that is known later, or never.
final class ListeningAddress: Sendable {
  private enum State {
    case awaited([CheckedContinuation<OrderServerAddress, any Error>])
    case settled(Result<OrderServerAddress, any Error>)
  }

  private let state = Mutex(State.awaited([]))

  var value: OrderServerAddress {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let settled = state.withLock { state -> Result<OrderServerAddress, any Error>? in
          switch state {
          case .settled(let result):
            return result
          case .awaited(let continuations):
            state = .awaited(continuations + [continuation])
            return nil
          }
        }
        if let settled { continuation.resume(with: settled) }
      }
    }
  }

  /// The first call counts, further ones are ignored.
  func settle(_ result: Result<OrderServerAddress, any Error>) {
    let continuations = state.withLock { state in
      guard case .awaited(let continuations) = state else {
        return [CheckedContinuation<OrderServerAddress, any Error>]()
      }
      state = .settled(result)
      return continuations
    }
    for continuation in continuations { continuation.resume(with: result) }
  }
}
