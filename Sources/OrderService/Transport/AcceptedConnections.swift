import NIOCore
import Synchronization

/// Keeps each accepted connection until it is closed.
///
/// The transport owns a connection once it has taken it from the listener. One that is accepted while the
/// server stops is never taken: nobody would close it, and letting its `NIOAsyncChannel` go unfinished is a
/// trap of NIO's. So the pipeline stays referenced here as long as the channel is open, and what the server
/// leaves behind is closed with `closeAll`.
final class AcceptedConnections: Sendable {
  private struct State {
    var isClosed = false
    var listener: (any Channel)?
    var open: [ObjectIdentifier: any Channel] = [:]
  }

  private let state = Mutex(State())

  /// Takes note of the listener: one whose server is cut before it takes it would stay open as well.
  func listening(on listener: any Channel) {
    let isLate = state.withLock { state in
      state.listener = listener
      return state.isClosed
    }
    if isLate { listener.close(promise: nil) }
  }

  /// Keeps `pipeline` alive as long as `channel` is open; closes it at once when the server has ended.
  func keep(_ channel: any Channel, pipeline: some Sendable) {
    let id = ObjectIdentifier(channel)
    channel.closeFuture.whenComplete { [self] _ in
      withExtendedLifetime(pipeline) { state.withLock { $0.open[id] = nil } }
    }
    let isLate = state.withLock { state in
      state.open[id] = channel
      return state.isClosed
    }
    if isLate { channel.close(promise: nil) }
  }

  /// Closes what is open, and what will still be accepted; returns when nothing is open any more.
  ///
  /// Only then may the tasks of connections be cancelled: a stream that a client opens on a connection whose task is
  /// gone is taken by nobody, which is the same trap.
  func closeAll() async {
    for closed in closing() { try? await closed.get() }
  }

  private func closing() -> [EventLoopFuture<Void>] {
    let (listener, open) = state.withLock { state in
      state.isClosed = true
      return (state.listener, state.open)
    }
    return ([listener].compactMap(\.self) + open.values).map { channel in
      channel.close(promise: nil)
      return channel.closeFuture
    }
  }
}
