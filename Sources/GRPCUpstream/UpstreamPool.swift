public import NIOCore

/// Keeps the connections of one event loop to one upstream, and finds each call a stream on one of them.
///
/// Made, used and shut down on its event loop; nothing here locks.
public final class UpstreamPool {
  /// What a readiness check wants to know.
  public enum State: Sendable, Hashable {
    /// Nothing has been tried yet; the first call, or `connect()`, will.
    case idle
    case connecting
    case ready
    /// The last attempt failed; a further one will be made.
    case failing
    case shutDown
  }

  public let eventLoop: any EventLoop
  public let target: UpstreamTarget
  public private(set) var state: State = .idle

  public init(eventLoop: any EventLoop, target: UpstreamTarget, configuration: UpstreamConfiguration = .init()) {
    self.eventLoop = eventLoop
    self.target = target
  }

  /// Begins to connect without waiting for a call, and keeps trying.
  public func connect() {}

  /// Starts a call. The delegate is told everything later, never from within this method.
  ///
  /// - Parameters:
  ///   - metadata: names in lower case; `-bin` values base64-encoded. Those the protocol reserves are left out.
  ///   - timeout: what `grpc-timeout` says; the call is not ended here when it is over.
  public func call(
    _ route: UpstreamRoute, metadata: [(String, String)], timeout: TimeAmount?, delegate: any UpstreamCallDelegate
  ) -> UpstreamCall {
    UpstreamCall()
  }

  /// Ends every call that is still open after `grace`, and then the connections; calls made meanwhile fail.
  public func shutdown(grace: TimeAmount) -> EventLoopFuture<Void> {
    eventLoop.makeSucceededVoidFuture()
  }
}
