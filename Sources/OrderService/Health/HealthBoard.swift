import Synchronization

/// Knows which services are being served, and tells those who watch.
final class HealthBoard: Sendable {
  typealias ServingStatus = Grpc_Health_V1_HealthCheckResponse.ServingStatus

  private struct State {
    var services: Set<String>
    var isDraining = false
    var watchers: [Int: AsyncStream<ServingStatus>.Continuation] = [:]
    var nextWatcher = 0
  }

  private let state: Mutex<State>

  /// The empty name stands for the server as a whole, and is always known.
  init(services: some Sequence<String>) {
    self.state = Mutex(State(services: Set(services).union([""])))
  }

  var isDraining: Bool { state.withLock { $0.isDraining } }

  /// `nil` when there is no such service.
  func status(of service: String) -> ServingStatus? {
    state.withLock { state in
      guard state.services.contains(service) else { return nil }
      return state.isDraining ? .notServing : .serving
    }
  }

  var statuses: [String: ServingStatus] {
    state.withLock { state in
      let status: ServingStatus = state.isDraining ? .notServing : .serving
      return Dictionary(uniqueKeysWithValues: state.services.map { ($0, status) })
    }
  }

  /// The status now and each later one; ends after the drain has begun.
  func watch(_ service: String) -> (id: Int, statuses: AsyncStream<ServingStatus>) {
    let (statuses, continuation) = AsyncStream.makeStream(
      of: ServingStatus.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      let isKnown = state.services.contains(service)
      continuation.yield(!isKnown ? .serviceUnknown : state.isDraining ? .notServing : .serving)
      if state.isDraining {
        continuation.finish()
      } else {
        state.watchers[state.nextWatcher] = continuation
      }
      defer { state.nextWatcher += 1 }
      return state.nextWatcher
    }
    return (id, statuses)
  }

  func stopWatching(_ id: Int) {
    state.withLock { $0.watchers.removeValue(forKey: id) }?.finish()
  }

  /// Nothing is served from here on.
  func drain() {
    let watchers = state.withLock { state in
      defer { state.watchers = [:] }
      state.isDraining = true
      return state.watchers
    }
    for continuation in watchers.values {
      continuation.yield(.notServing)
      continuation.finish()
    }
  }
}
