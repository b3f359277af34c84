import GRPCUpstream
import HTTPFrontEnd
import NIOCore

/// The worker of one event loop with its upstream connections, reachable from anywhere and touched on its
/// loop only.
struct LoopWorker: Sendable {
  let eventLoop: any EventLoop
  private let worker: NIOLoopBound<Worker>
  private let upstreams: NIOLoopBound<[BalancedUpstream]>

  /// Made on `eventLoop`.
  init(
    _ eventLoop: any EventLoop, configuration: GatewayConfiguration, routes: ServedRoutes, accessLog: AccessLog?
  ) {
    self.eventLoop = eventLoop
    let upstreams = configuration.allUpstreams.map { definition in
      BalancedUpstream(
        eventLoop: eventLoop, name: definition.target, label: definition.name, authority: definition.authority,
        configuration: definition.configuration(from: configuration.upstreamLimits), resolver: configuration.resolver)
    }
    for upstream in upstreams { upstream.connect() }
    self.upstreams = NIOLoopBound(upstreams, eventLoop: eventLoop)
    worker = NIOLoopBound(
      Worker(
        eventLoop: eventLoop, configuration: configuration.frontEndShare, service: routes, upstreams: upstreams,
        accessLog: accessLog),
      eventLoop: eventLoop)
  }

  /// Only on the loop.
  var onLoop: Worker { worker.value }

  /// A further worker of this loop, with the same connections upstream.
  func companion(routes: ServedRoutes) async throws -> NIOLoopBound<Worker> {
    try await eventLoop.submit {
      NIOLoopBound(
        Worker(
          eventLoop: eventLoop, configuration: FrontEndConfiguration(), service: routes, upstreams: upstreams.value),
        eventLoop: eventLoop)
    }.get()
  }

  func figures() -> EventLoopFuture<GatewayFigures> {
    eventLoop.submit { worker.value.figures }
  }

  func replace(routes: ServedRoutes, configuration: FrontEndConfiguration) async throws {
    try await eventLoop.submit { worker.value.replace(service: routes, configuration: configuration) }.get()
  }

  func announceDrain() { eventLoop.execute { worker.value.announceDrain() } }

  func drain(grace: TimeAmount) async {
    let drained = eventLoop.flatSubmit {
      let done = worker.value.drain()
      eventLoop.scheduleTask(in: grace) { worker.value.closeAll() }
      return done
    }
    try? await drained.get()
    let closed = eventLoop.flatSubmit {
      EventLoopFuture.andAllComplete(upstreams.value.map { $0.shutdown(grace: .zero) }, on: eventLoop)
    }
    try? await closed.get()
  }
}

/// Finds the worker of a loop.
struct WorkerTable: Sendable {
  private let workers: [ObjectIdentifier: LoopWorker]
  let first: LoopWorker

  /// - Parameter workers: at least one.
  init?(_ workers: [LoopWorker]) {
    guard let first = workers.first else { return nil }
    self.first = first
    self.workers = Dictionary(workers.map { (ObjectIdentifier($0.eventLoop), $0) }, uniquingKeysWith: { one, _ in one })
  }

  /// The worker of the loop that the caller is on.
  func worker(of eventLoop: any EventLoop) -> Worker {
    (workers[ObjectIdentifier(eventLoop)] ?? first).onLoop
  }

  /// What all loops have counted, merged on the loop that asks.
  func figures(on eventLoop: any EventLoop) -> EventLoopFuture<GatewayFigures> {
    EventLoopFuture.whenAllSucceed(workers.values.map { $0.figures() }, on: eventLoop).map { all in
      var merged = GatewayFigures()
      for figures in all { merged.merge(figures) }
      return merged
    }
  }

  func replace(routes: ServedRoutes, configuration: FrontEndConfiguration) async throws {
    for worker in workers.values { try await worker.replace(routes: routes, configuration: configuration) }
  }

  func announceDrain() {
    for worker in workers.values { worker.announceDrain() }
  }

  func drain(grace: TimeAmount) async {
    await withTaskGroup(of: Void.self) { group in
      for worker in workers.values { group.addTask { await worker.drain(grace: grace) } }
    }
  }
}
