import GRPCUpstream
public import Logging
import NIOCore
import NIOPosix
import ProtobufSchema
import Synchronization
import TransportSecurity

/// Fetches a schema from the upstream itself, which may still be starting.
public struct ReflectedSchema: Sendable {
  private let upstreams: [UpstreamDefinition]
  private let resolver: NameResolver
  private let configuration: UpstreamConfiguration
  private let logger: Logger
  private let reason = LatestReason()

  /// 30 s for an upstream that is not there yet: as long as orchestrators let a container start.
  public var patience: Duration = .seconds(30)
  /// 10 s for all answers of one attempt: descriptors lie in the server's memory.
  public var answerTimeout: Duration = .seconds(10)
  /// 0.5 s between two attempts.
  public var pause: Duration = .milliseconds(500)

  public init(_ configuration: GatewayConfiguration, logger: Logger) {
    upstreams = configuration.allUpstreams
    resolver = configuration.resolver
    var limits = configuration.upstreamLimits
    limits.connectFailed = { [reason] _, text in reason.note(text) }
    self.configuration = limits
    self.logger = logger
  }

  /// The serialized `FileDescriptorProto` of every file that the services of the upstreams need.
  public func fetch() async throws -> [ServiceDescription.Source<[UInt8]>] {
    var files: [ServiceDescription.Source<[UInt8]>] = []
    for upstream in upstreams { files += try await fetch(from: upstream) }
    return files
  }

  private func fetch(from upstream: UpstreamDefinition) async throws -> [ServiceDescription.Source<[UInt8]>] {
    let name = upstream.target
    var limits = upstream.configuration(from: configuration)
    // Whoever does not serve yet may still be asked what it will.
    limits.balancing.healthService = nil
    do throws(TransportSecurityFault) {
      try limits.security?.load()
    } catch {
      throw GatewayFailure("TLS: \(error)")
    }
    var client = ReflectionClient(
      eventLoop: MultiThreadedEventLoopGroup.singleton.next(), name: name,
      authority: upstream.authority, configuration: limits, resolver: resolver)
    client.timeout = TimeAmount(answerTimeout)
    let end = ContinuousClock.now + patience
    var isFirst = true
    while true {
      do throws(ReflectionFailure) {
        return try await client.fetch().map { .init(name: "reflection of \(name)", content: $0.bytes) }
      } catch {
        guard error == .unreachable, ContinuousClock.now + pause < end else { throw failure(error, of: name) }
        if isFirst {
          logger.warning(
            "the upstream at \(name) cannot be reached yet\(reason.text); trying for \(patience.components.seconds) s")
        }
        isFirst = false
        try await Task.sleep(for: pause)
      }
    }
  }

  private func failure(_ failure: ReflectionFailure, of upstream: UpstreamName) -> GatewayFailure {
    let start = "server reflection of \(upstream)"
    return switch failure {
    case .unreachable:
      GatewayFailure(
        "\(start): the upstream cannot be reached\(reason.text); tried for \(patience.components.seconds) s")
    case .notServed:
      GatewayFailure(
        "\(start): the upstream serves neither grpc.reflection.v1 nor v1alpha; switch reflection on there, or give "
          + "--descriptors or --proto")
    case .timedOut: GatewayFailure("\(start): the answers did not come in time")
    case .callFailed(let text): GatewayFailure("\(start): the call failed: \(text)")
    case .fault(let fault): GatewayFailure(lines: fault.lines.map { "\(start): \($0)" })
    }
  }
}

/// Why the last attempt to connect failed.
private final class LatestReason: Sendable {
  private let latest = Mutex<String?>(nil)

  func note(_ text: String) { latest.withLock { $0 = text } }

  /// In parentheses, for the middle of a sentence; empty where nothing is known.
  var text: String { latest.withLock { $0.map { " (\($0))" } ?? "" } }
}
