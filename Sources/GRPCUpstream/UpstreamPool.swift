public import GRPCWire
internal import HTTP2
public import NIOCore

/// Keeps the connections of one event loop to one address, and finds each call a stream on one of them.
///
/// Made, used and shut down on its event loop; nothing here locks. It connects with the first call, or with
/// `connect()`, and from then on sees to it that there is a connection. A call that finds no stream free waits, so
/// many and so long as the configuration says; while the upstream cannot be reached calls fail at once, but they
/// bring the next attempt forward. Where the address is one of several (`BalancedUpstream`), a call that would fail
/// for want of a connection is given to another, and one that waits for a stream to whichever has one first.
public final class UpstreamPool {
  /// What a readiness check wants to know.
  public enum State: Sendable, Hashable {
    /// Nothing has been tried yet.
    case idle
    case connecting
    case ready
    /// The connections were closed for want of calls; the next call connects.
    case dormant
    /// The name could not be resolved yet.
    case unresolved
    /// Connected, and the upstream says by `grpc.health.v1` that it does not serve.
    case notServing
    /// The last attempt failed; a further one will be made.
    case failing
    case shutDown
  }

  public let eventLoop: any EventLoop
  public let target: UpstreamTarget
  public let configuration: UpstreamConfiguration
  let resources: CallResources
  /// Whose address it is, when it is one that may be of several.
  weak var upstream: BalancedUpstream?

  /// Connected, with the upstream's SETTINGS; the first with a free stream serves.
  var connections: [UpstreamConnectionHandler] = []
  /// Taking no more calls, but finishing those they have.
  var draining: [UpstreamConnectionHandler] = []
  var attempt: UpstreamConnectionAttempt?
  var reconnect: ReconnectSchedule
  var reconnectTimer: Scheduled<Void>?
  let waiting: WaitingCalls
  /// Why the last attempt failed, as it was told; `nil` once one has succeeded.
  var latestFailure: String?
  var isDormant = false
  var isShutDown = false
  var shutdownPromise: EventLoopPromise<Void>?

  /// Connections have a health of their own; else every one is good.
  let followsHealth: Bool
  private var healthRoute: UpstreamRoute?
  private var heads: [ObjectIdentifier: (route: UpstreamRoute, head: RequestHead)] = [:]

  public convenience init(
    eventLoop: any EventLoop, target: UpstreamTarget, configuration: UpstreamConfiguration = .init()
  ) {
    self.init(
      eventLoop: eventLoop, target: target, resources: CallResources(eventLoop: eventLoop, configuration: configuration)
    )
  }

  init(eventLoop: any EventLoop, target: UpstreamTarget, resources: CallResources) {
    self.eventLoop = eventLoop
    self.target = target
    self.resources = resources
    configuration = resources.configuration
    waiting = WaitingCalls(eventLoop: eventLoop, maximum: configuration.maximumWaitingCalls)
    followsHealth = configuration.balancing.healthService != nil
    reconnect = ReconnectSchedule(configuration.backoff)
    waiting.waitedTooLong = { [weak self] in self?.waitedTooLong($0) }
  }

  public var state: State {
    if isShutDown { return .shutDown }
    if !connections.isEmpty { return canServe ? .ready : isEjected ? .notServing : .connecting }
    if isDormant { return .dormant }
    if attempt != nil { return reconnect.hasFailed ? .failing : .connecting }
    return reconnect.hasFailed ? .failing : .idle
  }

  /// Calls that have a stream now.
  public var openCalls: Int {
    var count = 0
    for connection in connections { count += connection.openCalls }
    for connection in draining { count += connection.openCalls }
    return count
  }

  /// Calls that wait for one.
  public var waitingCalls: Int { waiting.count }

  /// Begins to connect without waiting for a call.
  public func connect() {
    eventLoop.assertInEventLoop()
    guard connections.isEmpty else { return }
    startAttempt()
  }

  /// Starts a call. The delegate is told everything later, never from within this method.
  ///
  /// - Parameters:
  ///   - metadata: names in lower case, `-bin` values base64-encoded. Fields that HTTP/2 or gRPC keep for themselves,
  ///     and those that are not sound, are left out.
  ///   - timeout: what `grpc-timeout` says; the call is not ended here when it is over.
  public func call(
    _ route: UpstreamRoute, metadata: CallMetadata, timeout: TimeAmount?,
    delegate: any UpstreamCallDelegate
  ) -> UpstreamCall {
    eventLoop.assertInEventLoop()
    let call = resources.call(route, metadata: metadata, timeout: timeout, delegate: delegate)
    place(call)
    return call
  }

  /// The route of health watches, if they are wanted.
  func routeOfHealth() -> UpstreamRoute? {
    guard configuration.balancing.healthService != nil else { return nil }
    let route = healthRoute ?? UpstreamRoute(path: HealthWatch.path)
    healthRoute = route
    return route
  }

  func head(of route: UpstreamRoute) -> RequestHead {
    if let known = heads[ObjectIdentifier(route)] { return known.head }
    let head = resources.head(of: route, authority: route.authority ?? target.authority ?? target.description)
    // A reload brings new objects for its routes; the old ones' heads must not stay for ever.
    if heads.count >= 4096 { heads.removeAll() }
    heads[ObjectIdentifier(route)] = (route, head)
    return head
  }
}
