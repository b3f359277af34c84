internal import GRPCWire
internal import HTTP2
internal import NIOCore
internal import NIOHPACK

/// Follows what the server at the other end of one connection says of its health, by a stream on that connection.
final class HealthWatch: UpstreamCallDelegate {
  private let service: String
  private let route: UpstreamRoute
  private weak var connection: UpstreamConnectionHandler?
  private weak var pool: UpstreamPool?
  private var machine: HealthStateMachine
  private var call: UpstreamCall?
  private var timer: Scheduled<Void>?
  private var isStopped = false

  init(service: String, route: UpstreamRoute, connection: UpstreamConnectionHandler, pool: UpstreamPool) {
    self.service = service
    self.route = route
    self.connection = connection
    self.pool = pool
    machine = HealthStateMachine(pool.configuration.backoff)
  }

  static let path = "/grpc.health.v1.Health/Watch"

  var health: HealthStateMachine.Health { machine.health }

  /// Streams of the connection that are the watch's own.
  var openStreams: Int { call == nil ? 0 : 1 }

  func start() {
    guard !isStopped, let connection, let pool else { return }
    let call = pool.resources.call(route, metadata: CallMetadata(), timeout: nil, delegate: self)
    call.isBoundToConnection = true
    call.adopted(by: pool, head: pool.head(of: route))
    guard connection.start(call) else {
      ended(.unavailable)
      return
    }
    self.call = call
    call.sendLast(request.span.bytes)
  }

  /// The connection takes no more calls, so that it matters no more.
  func stop() {
    isStopped = true
    timer?.cancel()
    timer = nil
    let call = call
    self.call = nil
    call?.cancel()
  }

  /// `HealthCheckRequest` with the service (field 1); none for the whole server.
  private var request: [UInt8] {
    guard !service.isEmpty else { return [] }
    var request: [UInt8] = [0x0A]
    var length = service.utf8.count
    while length >= 0x80 {
      request.append(UInt8(length & 0x7F) | 0x80)
      length >>= 7
    }
    request.append(UInt8(length))
    return request + service.utf8
  }

  private func ended(_ code: GRPCCode) {
    call = nil
    guard !isStopped else { return }
    let eventLoop = pool?.eventLoop
    if let delay = machine.ended(code, random: .random(in: 0..<1)) {
      timer = eventLoop?.assumeIsolated().scheduleTask(in: delay) { [weak self] in
        guard let self else { return }
        machine.askedAgain()
        start()
      }
    }
    pool?.healthChanged()
  }

  func upstreamInitialMetadataReceived(_ headers: HPACKHeaders) {}

  func upstreamMessageReceived(_ message: ByteBuffer) {
    let before = machine.health
    machine.responseReceived(Array(message.readableBytesView)[...])
    call?.consumed(message.readableBytes)
    if machine.health != before { pool?.healthChanged() }
  }

  func upstreamWritabilityChanged(_ writable: Bool) {}

  func upstreamFinished(_ end: CallEnd) { ended(end.status.code) }
}
