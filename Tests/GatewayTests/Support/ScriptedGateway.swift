import Gateway
import HTTP2
import HTTPFrontEnd
import Logging
import NIOCore
import NIOHPACK
import NIOPosix
import ScriptedUpstream
import Synchronization

/// A gateway in front of an upstream that does as it is told, and what that upstream was told of resets.
struct ScriptedGateway {
  let port: Int
  let upstream: ScriptedUpstream
  let server: GatewayServer
  private let resets: AsyncStream<ErrorCode>
  private let seen: RequestCount

  init(port: Int, upstream: ScriptedUpstream, server: GatewayServer, resets: AsyncStream<ErrorCode>, seen: RequestCount)
  {
    self.port = port
    self.upstream = upstream
    self.server = server
    self.resets = resets
    self.seen = seen
  }

  /// Returns once the upstream has seen so many requests.
  func requests(_ count: Int) async throws { try await seen.reach(count) }

  func connect() async throws -> RawConnection { try await RawConnection.open(port: port) }

  /// The error code of the next RST_STREAM that the upstream sees.
  func nextReset() async -> ErrorCode? {
    for await code in resets { return code }
    return nil
  }

  /// Everything that a request on a connection of its own is answered with, until the gateway closes it.
  func exchange(_ request: String) async throws -> String {
    let connection = try await connect()
    try await connection.send(request)
    return try await connection.receiveToEnd()
  }
}

/// Runs `body` against a gateway whose upstream answers every request by `answer`.
func withScriptedGateway(
  configure: (inout GatewayConfiguration) -> Void = { _ in },
  answer: @escaping @Sendable (ScriptedConnection, StreamID) -> Void,
  request: @escaping @Sendable (HPACKHeaders) -> Void = { _ in },
  _ body: (ScriptedGateway) async throws -> Void
) async throws {
  try await withScriptedGateway(
    configure: configure,
    script: { connection, event in
      guard case .request(let id, let headers, _) = event else { return }
      request(headers)
      answer(connection, id)
    }, body)
}

/// Runs `body` against a gateway whose upstream follows a script.
func withScriptedGateway(
  description: ServiceDescription? = nil, options: ScriptedConnection.Options = .init(),
  configure: (inout GatewayConfiguration) -> Void = { _ in },
  prepareUpstream: (@Sendable (any Channel) throws -> Void)? = nil, logger: Logger? = nil,
  script: @escaping ScriptedUpstream.Script,
  _ body: (ScriptedGateway) async throws -> Void
) async throws {
  let seen = RequestCount()
  let (resets, reports) = AsyncStream.makeStream(of: ErrorCode.self)
  let upstream = try await ScriptedUpstream.start(
    on: MultiThreadedEventLoopGroup.singleton.next(), options: options, prepareChannel: prepareUpstream
  ) { connection, event in
    if case .request = event { seen.add() }
    script(connection, event)
    if case .frame(.resetStream(let reset)) = event { reports.yield(reset.code) }
  }
  var quiet = Logger(label: "test")
  quiet.logLevel = .critical
  var configuration = GatewayConfiguration(
    listen: SocketAddressText(host: "127.0.0.1", port: 0),
    upstream: SocketAddressText(host: "127.0.0.1", port: upstream.port))
  // A machine that is busy with other tests is no slow caller.
  configuration.frontEnd.headerTimeout = .seconds(120)
  configure(&configuration)
  let server = GatewayServer(
    configuration: configuration, description: try description ?? ServiceDescription.orders(),
    logger: logger ?? quiet)
  let result: Result<Void, any Error>
  do {
    let address = try await server.start()
    result = .success(
      try await body(
        ScriptedGateway(
          port: address.port, upstream: upstream, server: server, resets: resets, seen: seen)))
  } catch {
    result = .failure(error)
  }
  await server.stop(grace: .zero)
  try await upstream.kill()
  reports.finish()
  try result.get()
}

/// Counts what an upstream is asked, and lets a test wait for it.
final class RequestCount: Sendable {
  struct TimedOut: Error {
    var count: Int
  }

  private let count = Mutex(0)
  private let (changes, continuation) = AsyncStream.makeStream(of: Int.self)

  func add() {
    continuation.yield(
      count.withLock {
        $0 += 1
        return $0
      })
  }

  /// One caller at a time.
  func reach(_ wanted: Int) async throws {
    if count.withLock({ $0 }) >= wanted { return }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { [changes] in
        for await count in changes where count >= wanted { return true }
        return false
      }
      group.addTask {
        try await Task.sleep(for: .seconds(20))
        return false
      }
      defer { group.cancelAll() }
      guard try await group.next() ?? false else { throw TimedOut(count: count.withLock { $0 }) }
    }
  }
}
