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

  /// The server has ended: closes what is open, and what will still be accepted.
  func closeAll() {
    let (listener, open) = state.withLock { state in
      state.isClosed = true
      return (state.listener, state.open)
    }
    listener?.close(promise: nil)
    for channel in open.values { channel.close(promise: nil) }
  }
}
