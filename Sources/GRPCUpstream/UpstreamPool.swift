internal import GRPCWire
internal import HTTP2
public import NIOCore

/// Keeps the connections of one event loop to one upstream, and finds each call a stream on one of them.
///
/// Made, used and shut down on its event loop; nothing here locks. It connects with the first call, or with
/// `connect()`, and from then on sees to it that there is a connection. A call that finds no stream free waits, so
/// many and so long as the configuration says; while the upstream cannot be reached calls fail at once, but they
/// bring the next attempt forward.
public final class UpstreamPool {
  /// What a readiness check wants to know.
  public enum State: Sendable, Hashable {
    /// Nothing has been tried yet.
    case idle
    case connecting
    case ready
    /// The last attempt failed; a further one will be made.
    case failing
    case shutDown
  }

  public let eventLoop: any EventLoop
  public let target: UpstreamTarget
  public let configuration: UpstreamConfiguration

  /// Connected, with the upstream's SETTINGS; the first with a free stream serves.
  var connections: [UpstreamConnectionHandler] = []
  /// Taking no more calls, but finishing those they have.
  var draining: [UpstreamConnectionHandler] = []
  var attempt: UpstreamConnectionAttempt?
  var reconnect: ReconnectSchedule
  var reconnectTimer: Scheduled<Void>?
  var waiting: [UpstreamCall] = []
  var waitTimer: Scheduled<Void>?
  /// Why the last attempt failed, as it was told; `nil` once one has succeeded.
  var latestFailure: String?
  var isShutDown = false
  var shutdownPromise: EventLoopPromise<Void>?

  private var heads: [ObjectIdentifier: (route: UpstreamRoute, head: RequestHead)] = [:]
  private var latestTimeout: (timeout: TimeAmount, text: String)?
  private var spareBuffers: [ByteBuffer] = []
  private var encoder: RequestMessageEncoder

  public init(eventLoop: any EventLoop, target: UpstreamTarget, configuration: UpstreamConfiguration = .init()) {
    self.eventLoop = eventLoop
    self.target = target
    self.configuration = configuration
    reconnect = ReconnectSchedule(configuration.backoff)
    encoder = RequestMessageEncoder(configuration.requestEncoding)
  }

  public var state: State {
    if isShutDown { return .shutDown }
    if !connections.isEmpty { return .ready }
    if attempt != nil { return reconnect.hasFailed ? .failing : .connecting }
    return reconnect.hasFailed ? .failing : .idle
  }

  /// Calls that have a stream now.
  public var openCalls: Int {
    (connections + draining).reduce(0) { $0 + $1.openCalls }
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
    _ route: UpstreamRoute, metadata: [(String, String)], timeout: TimeAmount?, delegate: any UpstreamCallDelegate
  ) -> UpstreamCall {
    eventLoop.assertInEventLoop()
    let call = UpstreamCall(
      pool: self, head: head(of: route), fields: fields(metadata, timeout),
      replay: spareBuffers.popLast() ?? ByteBuffer(), delegate: delegate)
    place(call)
    return call
  }

  // MARK: What a call consists of

  /// Lends the message as it goes out: compressed, where that is wanted and worth it.
  func withEncoded(_ message: RawSpan, _ body: (RawSpan, _ isCompressed: Bool) -> Void) {
    guard encoder.isOn else { return body(message, false) }
    let encoded = encoder.encode(message)
    guard let encoded else { return body(message, false) }
    body(encoded.readableBytesSpan, true)
  }

  private func head(of route: UpstreamRoute) -> RequestHead {
    if let known = heads[ObjectIdentifier(route)] { return known.head }
    var fields: [(name: String, value: String)] = [
      (":method", "POST"),
      (":scheme", configuration.security == nil ? configuration.scheme : "https"),
      (":path", route.path),
      (":authority", route.authority ?? target.authority ?? target.description),
      ("te", "trailers"),
      ("content-type", "application/grpc"),
      ("user-agent", configuration.userAgent),
      ("grpc-accept-encoding", MessageEncoding.acceptedNames),
    ]
    if encoder.isOn { fields.append(("grpc-encoding", encoder.encoding.rawValue)) }
    let head = RequestHead(fields)
    // A reload brings new objects for its routes; the old ones' heads must not stay for ever.
    if heads.count >= 4096 { heads.removeAll() }
    heads[ObjectIdentifier(route)] = (route, head)
    return head
  }

  private func fields(_ metadata: [(String, String)], _ timeout: TimeAmount?) -> [(String, String)] {
    let isSound = metadata.allSatisfy(RequestMetadataPolicy.admits)
    guard timeout != nil || !isSound else { return metadata }
    var fields: [(String, String)] = []
    fields.reserveCapacity(metadata.count + 1)
    if let timeout { fields.append(("grpc-timeout", text(of: timeout))) }
    fields.append(contentsOf: isSound ? metadata : metadata.filter(RequestMetadataPolicy.admits))
    return fields
  }

  /// Most calls of a gateway have the same timeout.
  private func text(of timeout: TimeAmount) -> String {
    if let latestTimeout, latestTimeout.timeout == timeout { return latestTimeout.text }
    let text = GRPCTimeout(nanoseconds: timeout.nanoseconds).headerValue
    latestTimeout = (timeout, text)
    return text
  }

  /// Keeps the memory of a call's sent messages for the next call.
  func recycle(_ buffer: consuming ByteBuffer) {
    guard buffer.capacity > 0, buffer.capacity <= 16 * 1024, spareBuffers.count < 64 else { return }
    buffer.clear()
    spareBuffers.append(buffer)
  }
}
