internal import GRPCWire
internal import HTTP2
internal import NIOCore

/// What the calls of one event loop to one upstream share, whichever address they go to: memory, the encoder, and what
/// is counted.
final class CallResources {
  let eventLoop: any EventLoop
  let configuration: UpstreamConfiguration
  /// Of the routes that have a policy with one.
  var throttle: RetryThrottle?
  var counters = UpstreamCounters()
  private var encoder: RequestMessageEncoder
  private var latestDefinition: (timeout: TimeAmount, fields: LiteralFields)?
  private var spareBuffers: [ByteBuffer] = []
  private var spareMetadata: [CallMetadata] = []

  init(eventLoop: any EventLoop, configuration: UpstreamConfiguration) {
    self.eventLoop = eventLoop
    self.configuration = configuration
    encoder = RequestMessageEncoder(configuration.requestEncoding)
  }

  /// A call that has no place yet.
  func call(
    _ route: UpstreamRoute, metadata: CallMetadata, timeout: TimeAmount?,
    delegate: any UpstreamCallDelegate
  ) -> UpstreamCall {
    let call = UpstreamCall(
      resources: self, route: route, definition: timeout.map(definition) ?? LiteralFields(), metadata: metadata,
      replay: spareBuffers.popLast() ?? ByteBuffer(), delegate: delegate)
    if let policy = route.retries {
      // A reload may bring another one.
      if throttle?.throttling != policy.throttling { throttle = policy.throttling.map(RetryThrottle.init) }
      call.retry = RetryStateMachine(policy, deadline: timeout.map { eventLoop.now + $0 })
    }
    return call
  }

  /// Lends the message as it goes out: compressed, where that is wanted and worth it.
  func withEncoded(_ message: RawSpan, _ body: (RawSpan, _ isCompressed: Bool) -> Void) {
    guard encoder.isOn else { return body(message, false) }
    let encoded = encoder.encode(message)
    guard let encoded else { return body(message, false) }
    body(encoded.readableBytesSpan, true)
  }

  /// What every call of a route says.
  func head(of route: UpstreamRoute, authority: String) -> RequestHead {
    var fields: [(name: String, value: String)] = [
      (":method", "POST"),
      (":scheme", configuration.security == nil ? configuration.scheme : "https"),
      (":path", route.path),
      (":authority", authority),
      ("te", "trailers"),
      ("content-type", "application/grpc"),
      ("user-agent", configuration.userAgent),
      ("grpc-accept-encoding", MessageEncoding.acceptedNames),
    ]
    if encoder.isOn { fields.append(("grpc-encoding", encoder.encoding.rawValue)) }
    return RequestHead(fields)
  }

  /// What a further attempt of a call says: the time that is left, and how many there have been.
  func definition(timeLeft: TimeAmount?, previousAttempts: Int) -> LiteralFields {
    var fields = timeLeft.map(definition) ?? LiteralFields()
    fields.append("grpc-previous-rpc-attempts", "\(previousAttempts)")
    return fields
  }

  /// Most calls of a gateway have the same timeout.
  private func definition(timeout: TimeAmount) -> LiteralFields {
    if let latest = latestDefinition, latest.timeout == timeout { return latest.fields }
    let fields = LiteralFields([("grpc-timeout", GRPCTimeout(nanoseconds: timeout.nanoseconds).headerValue)])
    latestDefinition = (timeout, fields)
    return fields
  }

  /// Keeps the memory of a call's sent messages for the next call.
  func recycle(_ buffer: consuming ByteBuffer) {
    guard buffer.capacity > 0, buffer.capacity <= Self.maximumSpareBytes, spareBuffers.count < Self.maximumSpares
    else { return }
    buffer.clear()
    spareBuffers.append(buffer)
  }

  /// Keeps the memory of a call's metadata for the next call.
  func recycle(_ metadata: consuming CallMetadata) {
    guard metadata.capacity > 0, metadata.capacity <= Self.maximumSpareBytes, spareMetadata.count < Self.maximumSpares
    else { return }
    metadata.removeAll()
    spareMetadata.append(metadata)
  }

  /// Empty, with memory that was used before if there is some.
  func emptyMetadata() -> CallMetadata { spareMetadata.popLast() ?? CallMetadata() }

  /// 64 calls at once need no new memory; what a large one grew to is given back, so that 1 MiB is the most that is kept.
  private static let maximumSpares = 64
  private static let maximumSpareBytes = 16 * 1024
}
