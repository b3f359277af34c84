internal import GRPCWire
public import NIOCore
internal import NIOHPACK
public import ProtobufSchema

/// Fetches the descriptors of an upstream's services by server reflection: `grpc.reflection.v1`, then `v1alpha`.
public struct ReflectionClient: Sendable {
  private let eventLoop: any EventLoop
  private let name: UpstreamName
  private let authority: String?
  private let resolver: NameResolver
  private let configuration: UpstreamConfiguration
  private let limits: ReflectionLimits

  /// For all questions and answers of one attempt.
  public var timeout: TimeAmount = .seconds(10)

  public init(
    eventLoop: any EventLoop, target: UpstreamTarget, configuration: UpstreamConfiguration = .init(),
    limits: ReflectionLimits = .init()
  ) {
    self.init(eventLoop: eventLoop, name: UpstreamName(target), configuration: configuration, limits: limits)
  }

  /// Asks one of the name's addresses.
  public init(
    eventLoop: any EventLoop, name: UpstreamName, authority: String? = nil,
    configuration: UpstreamConfiguration = .init(), resolver: NameResolver = .system, limits: ReflectionLimits = .init()
  ) {
    self.eventLoop = eventLoop
    self.name = name
    self.authority = authority
    self.resolver = resolver
    self.configuration = configuration
    self.limits = limits
  }

  /// One attempt on a connection of its own.
  public func fetch() async throws(ReflectionFailure) -> [ReflectedFile] {
    do {
      let upstream = try await eventLoop.submit { [eventLoop, name, authority, configuration, resolver] in
        NIOLoopBound(
          BalancedUpstream(
            eventLoop: eventLoop, name: name, authority: authority, configuration: configuration, resolver: resolver),
          eventLoop: eventLoop)
      }.get()
      let result: Result<[ReflectedFile], any Error>
      do {
        result = .success(try await fetch(on: upstream))
      } catch {
        result = .failure(error)
      }
      try? await eventLoop.flatSubmit { upstream.value.shutdown(grace: .zero) }.get()
      return try result.get()
    } catch let failure as ReflectionFailure {
      throw failure
    } catch {
      throw .callFailed("\(error)")
    }
  }

  private func fetch(on upstream: NIOLoopBound<BalancedUpstream>) async throws -> [ReflectedFile] {
    do {
      return try await ask("v1", on: upstream)
    } catch ReflectionFailure.notServed {
      return try await ask("v1alpha", on: upstream)
    }
  }

  private func ask(_ version: String, on upstream: NIOLoopBound<BalancedUpstream>) async throws -> [ReflectedFile] {
    let route = UpstreamRoute(path: "/grpc.reflection.\(version).ServerReflection/ServerReflectionInfo")
    return try await eventLoop.flatSubmit { [eventLoop, limits, timeout] in
      let exchange = ReflectionExchange(eventLoop: eventLoop, limits: limits)
      exchange.start(on: upstream.value, route: route, timeout: timeout)
      return exchange.files
    }.get()
  }
}

/// Why reflection brought no schema.
public enum ReflectionFailure: Error, Sendable, Equatable {
  /// No connection could be made.
  case unreachable
  /// The server knows neither version of the service.
  case notServed
  /// The answers are not those of a whole schema.
  case fault(ReflectionFault)
  /// The answers did not come in time.
  case timedOut
  /// The call ended with an error; its text.
  case callFailed(String)
}

/// Drives one reflection stream as `ReflectionStateMachine` says.
private final class ReflectionExchange: UpstreamCallDelegate {
  private let eventLoop: any EventLoop
  private var machine: ReflectionStateMachine
  private let promise: EventLoopPromise<[ReflectedFile]>
  private var call: UpstreamCall?
  private var timer: Scheduled<Void>?
  private var isOver = false

  init(eventLoop: any EventLoop, limits: ReflectionLimits) {
    self.eventLoop = eventLoop
    machine = ReflectionStateMachine(limits: limits)
    promise = eventLoop.makePromise()
  }

  var files: EventLoopFuture<[ReflectedFile]> { promise.futureResult }

  func start(on upstream: BalancedUpstream, route: UpstreamRoute, timeout: TimeAmount) {
    call = upstream.call(route, metadata: CallMetadata(), timeout: timeout, delegate: self)
    timer = eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.end(.failure(.timedOut)) }
    act(on: machine.opened())
  }

  func upstreamInitialMetadataReceived(_ headers: HPACKHeaders) {}

  func upstreamMessageReceived(_ message: ByteBuffer) {
    let call = call
    act(on: machine.responseReceived(Array(message.readableBytesView)))
    call?.consumed(message.readableBytes, messages: 1)
  }

  func upstreamWritabilityChanged(_ writable: Bool) {}

  func upstreamFinished(_ end: CallEnd) {
    guard !isOver else { return }
    switch (end.origin, end.status.code) {
    case (.upstream, .unimplemented): self.end(.failure(.notServed))
    case (.upstream, .ok): act(on: machine.streamEnded())
    case (.gateway(.unreachable), _), (.gateway(.connectionLost), _), (.upstream, .unavailable):
      self.end(.failure(.unreachable))
    case (_, let code):
      let text = end.status.message
      self.end(.failure(.callFailed(text.isEmpty ? code.name : "\(code.name): \(text)")))
    }
  }

  private func act(on action: ReflectionStateMachine.Action) {
    switch action {
    case .ask(let request): call?.send(request.wire.span.bytes)
    case .finish(let files):
      call?.finish()
      end(.success(files))
    case .fail(let fault): end(.failure(.fault(fault)))
    case .ignore: break
    }
  }

  private func end(_ result: Result<[ReflectedFile], ReflectionFailure>) {
    guard !isOver else { return }
    isOver = true
    timer?.cancel()
    call?.cancel()
    call = nil
    promise.completeWith(result.mapError { $0 as any Error })
  }
}
