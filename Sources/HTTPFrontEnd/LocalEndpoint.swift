public import NIOCore

/// A resource that the gateway itself answers for, beside the routes of the service: `GET`, and `HEAD` with it.
///
/// The answer is made on the event loop of the request, so it must be there at once: a document that is kept, or a
/// few numbers put together.
public struct LocalEndpoint: Sendable {
  /// Compared with the raw path, byte for byte.
  public let path: String
  let answer: @Sendable (LocalRequest) -> LocalAnswer
  /// Where other event loops have to be asked first; the future is of the given loop.
  let deferred: (@Sendable (any EventLoop) -> EventLoopFuture<LocalAnswer>)?

  public init(path: String, answer: @escaping @Sendable (LocalRequest) -> LocalAnswer) {
    self.path = path
    self.answer = answer
    deferred = nil
  }

  /// An endpoint whose answer has to be gathered.
  public init(path: String, deferred: @escaping @Sendable (any EventLoop) -> EventLoopFuture<LocalAnswer>) {
    self.path = path
    self.deferred = deferred
    answer = { _ in LocalAnswer(status: 503) }
  }

  /// An endpoint that always says the same.
  public init(path: String, _ answer: LocalAnswer) {
    self.init(path: path) { _ in answer }
  }
}

/// What an endpoint is asked, and what the gateway knows of itself on this event loop.
public struct LocalRequest: Sendable {
  /// The raw query without its `?`.
  public var query: Substring?
  /// How the upstreams stand on this event loop.
  public var upstreams: [UpstreamStanding]
  /// The gateway is about to stop.
  public var isDraining: Bool

  public init(query: Substring? = nil, upstreams: [UpstreamStanding], isDraining: Bool = false) {
    self.query = query
    self.upstreams = upstreams
    self.isDraining = isDraining
  }
}
