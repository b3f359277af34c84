public import GRPCWire
public import NIOCore

/// Spreads the calls of one event loop over the addresses of one upstream, each with a pool of its own.
///
/// Made, used and shut down on its event loop; nothing here locks. Calls go to addresses that are connected; while
/// none is, they wait, so many and so long as the configuration says. When all have their streams taken, a call waits at
/// one of them, and goes to whichever has a stream first. An upstream of one address costs nothing beside
/// its pool: the call goes straight there.
///
///     BalancedUpstream ── UpstreamPool (address) ── UpstreamConnectionHandler ── UpstreamCall
///                     └── UpstreamPool (address) ── …
///
/// Addresses of a host name are resolved, and again after the intervals of the configuration. Those that are gone take
/// no more calls and finish what they have; a resolution that fails leaves everything as it was.
public final class BalancedUpstream {
  public let eventLoop: any EventLoop
  public let name: UpstreamName
  /// What operators call it.
  public let label: String
  public let configuration: UpstreamConfiguration
  let resources: CallResources
  private let authority: String?
  let resolver: NameResolver

  /// In the order in which they were found.
  private(set) var pools: [UpstreamPool] = []
  /// Those that have a connection.
  private(set) var ready: [UpstreamPool] = []
  /// The only address, when it is one.
  private var only: UpstreamPool?
  /// Their addresses are gone, their calls are not.
  private var retired: [UpstreamPool] = []
  private var picker: AddressPicker

  /// Those that no address could be found for.
  let waiting: WaitingCalls
  var resolution: ResolutionSchedule
  var resolutionTimer: (due: NIODeadline, timer: Scheduled<Void>)?
  var isResolving = false
  /// The last resolution failed.
  var resolutionFailed = false
  private(set) var isShutDown = false
  var idleTimer: Scheduled<Void>?

  /// - Parameter authority: `:authority` of the calls; what the name and its addresses say when nil.
  public init(
    eventLoop: any EventLoop, name: UpstreamName, label: String = "default", authority: String? = nil,
    configuration: UpstreamConfiguration = .init(), resolver: NameResolver = .system
  ) {
    self.eventLoop = eventLoop
    self.name = name
    self.label = label
    self.authority = authority
    self.configuration = configuration
    self.resolver = resolver
    resources = CallResources(eventLoop: eventLoop, configuration: configuration)
    waiting = WaitingCalls(eventLoop: eventLoop, maximum: configuration.maximumWaitingCalls)
    picker = AddressPicker(configuration.balancing.policy, seed: .random(in: 0 ... .max))
    resolution = ResolutionSchedule(configuration.balancing, backoff: configuration.backoff)
    waiting.waitedTooLong = { [weak self] in self?.waitedTooLong($0) }
    if case .addresses(let targets) = name.kind { use(targets) }
  }

  deinit {
    resolutionTimer?.timer.cancel()
    idleTimer?.cancel()
  }

  /// Whether a call may go to more than one place, or to none as yet.
  var isBalancing: Bool { only == nil }

  /// Begins to resolve and connect without waiting for a call.
  public func connect() {
    eventLoop.assertInEventLoop()
    resolveIfUnknown()
    for pool in pools { pool.connect() }
  }

  /// Metadata to fill for a call: empty, in the memory of a call that is over where there is some.
  public func emptyMetadata() -> CallMetadata { resources.emptyMetadata() }

  /// Starts a call; see `UpstreamPool.call`.
  public func call(
    _ route: UpstreamRoute, metadata: CallMetadata, timeout: TimeAmount?,
    delegate: any UpstreamCallDelegate
  ) -> UpstreamCall {
    if let only { return only.call(route, metadata: metadata, timeout: timeout, delegate: delegate) }
    eventLoop.assertInEventLoop()
    let call = resources.call(route, metadata: metadata, timeout: timeout, delegate: delegate)
    place(call, avoiding: nil)
    return call
  }

  // MARK: How it stands

  /// The best of its addresses' states.
  public var state: UpstreamPool.State {
    if isShutDown { return .shutDown }
    if let only { return only.state }
    if !ready.isEmpty { return .ready }
    let states = pools.map(\.state)
    for state in [UpstreamPool.State.dormant, .connecting, .notServing, .failing] where states.contains(state) {
      return state
    }
    return resolutionFailed ? .unresolved : isResolving ? .connecting : .idle
  }

  /// Calls that have a stream now.
  public var openCalls: Int { (pools + retired).reduce(0) { $0 + $1.openCalls } }

  /// Calls that wait for a connection or a stream.
  public var waitingCalls: Int { pools.reduce(waiting.count) { $0 + $1.waitingCalls } }

  public var figures: UpstreamFigures {
    var figures = UpstreamFigures(resources.counters)
    figures.addresses = pools.count
    figures.streams = openCalls
    figures.waiting = waitingCalls
    for pool in pools + retired {
      figures.connectionsReady += pool.connections.count
      figures.connectionsConnecting += pool.attempt == nil ? 0 : 1
      figures.connectionsDraining += pool.draining.count
      switch pool.state {
      case .failing: figures.addressesFailing += 1
      case .notServing: figures.addressesEjected += 1
      case .idle, .connecting, .ready, .dormant, .unresolved, .shutDown: break
      }
    }
    return figures
  }

  // MARK: Addresses

  /// Uses these addresses from now on; those that it has already stay as they are.
  func use(_ targets: [UpstreamTarget]) {
    let maximum = max(1, configuration.balancing.maximumAddresses)
    let targets = targets.map { target in
      var target = target
      if let authority { target.authority = authority }
      return target
    }
    let change = AddressChange(from: pools.map(\.target), to: targets, maximum: maximum)
    guard !change.joined.isEmpty || !change.vanished.isEmpty else { return }
    let vanished = Set(change.vanished)
    let leaving = pools.filter { vanished.contains($0.target) }
    let joined = change.joined.map { target in
      let pool = UpstreamPool(eventLoop: eventLoop, target: target, resources: resources)
      pool.upstream = self
      return pool
    }
    pools = pools.filter { !vanished.contains($0.target) } + joined
    only = pools.count == 1 ? pools[0] : nil
    ready = pools.filter(\.canServe)
    retired += leaving
    let homeless = leaving.flatMap { $0.retire() }
    for call in homeless { place(call, avoiding: nil) }
  }

  /// Chooses an address for a call: one with a free stream if any has one, and another than `avoided` if there is one.
  func pick(avoiding avoided: UpstreamPool?) -> UpstreamPool? {
    let ready = ready
    if let avoided, ready.count > 1 {
      let place = picker.pick(count: ready.count) {
        ready[$0] !== avoided && ready[$0].hasFreeStream ? ready[$0].openCalls : nil
      }
      if let place { return ready[place] }
    }
    let place =
      picker.pick(count: ready.count) { ready[$0].hasFreeStream ? ready[$0].openCalls : nil }
      ?? picker.pick(count: ready.count) { ready[$0].waitingCalls }
    return place.map { ready[$0] }
  }

  /// Every address has been told to rest.
  func nobodyIsReady() { ready = [] }

  // MARK: From the pools

  /// An address has got a connection or lost it.
  func poolChanged(_ pool: UpstreamPool) {
    guard !isShutDown else { return }
    ready = pools.filter(\.canServe)
    guard !ready.isEmpty else {
      failWaitingIfHopeless()
      return
    }
    watchForIdleness()
    // Whoever waits for a connection need not wait for this one.
    if !pool.canServe, pool.waitingCalls > 0 {
      for call in pool.waiting.takeAll() { place(call, avoiding: pool) }
    }
    placeWaiting()
    placeWaiting(at: pool)
  }

  /// An address has lost a connection, or could not be reached.
  func poolFailed(_ pool: UpstreamPool) {
    guard !isShutDown else { return }
    poolChanged(pool)
    resolveAgain()
  }

  /// The last connection of an address that is gone is closed.
  func poolGone(_ pool: UpstreamPool) {
    retired.removeAll { $0 === pool }
  }

  // MARK: The end

  /// Ends all connections; see `UpstreamPool.shutdown`.
  public func shutdown(grace: TimeAmount) -> EventLoopFuture<Void> {
    eventLoop.assertInEventLoop()
    isShutDown = true
    resolutionTimer?.timer.cancel()
    resolutionTimer = nil
    idleTimer?.cancel()
    // Nothing is left for `deinit`, which may come when the event loop is gone.
    idleTimer = nil
    for call in waiting.takeAll() { call.end(UpstreamPool.shuttingDown) }
    return .andAllComplete((pools + retired).map { $0.shutdown(grace: grace) }, on: eventLoop)
  }
}
