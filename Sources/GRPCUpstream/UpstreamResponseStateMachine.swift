internal import GRPCWire
internal import HTTP2
internal import NIOHPACK

/// Follows the answer to one call by gRPC's rules (PROTOCOL-HTTP2.md, "Responses").
///
///     Response      = (Response-Headers *Length-Prefixed-Message Trailers) / Trailers-Only
///
/// Anything else gets a status made up here, by http-grpc-status-mapping.md and the table of RST_STREAM codes.
struct UpstreamResponseStateMachine: ~Copyable {
  private enum State {
    /// No HEADERS yet. -> receiving, ended
    case awaitingHeaders
    /// The answer is gRPC so far. -> ended
    case receiving
    /// The status is known.
    case ended
  }

  private var state = State.awaitingHeaders

  /// True as soon as the upstream has answered at all, so that the call must not be made again.
  var hasBegun: Bool {
    switch state {
    case .awaitingHeaders: false
    case .receiving, .ended: true
    }
  }

  enum HeadersAction {
    /// Messages in this encoding may follow.
    case begin(MessageEncoding)
    /// A trailers-only answer.
    case end(CallEnd)
    /// Not gRPC: the stream has to be reset unless it has ended.
    case reject(CallEnd)
    case none
  }

  /// The final response's HEADERS have arrived.
  mutating func headersReceived(_ list: HeaderList, endStream: Bool) -> HeadersAction {
    switch state {
    case .receiving, .ended: return .none
    case .awaitingHeaders: break
    }
    guard case .response(let httpStatus) = list.kind else { return .none }
    let hint = httpStatus == 200 ? nil : httpStatus
    let contentType = list.headers.first(name: "content-type")
    let isGRPC = contentType.map(Self.isGRPC) ?? false
    if endStream {
      state = .ended
      // Some servers leave content-type out of a trailers-only answer; its status says enough.
      guard isGRPC || contentType == nil else { return .end(Self.notGRPC(httpStatus, contentType)) }
      return .end(Self.end(list.headers, httpStatus: httpStatus, isTrailersOnly: true))
    }
    guard httpStatus == 200, isGRPC else {
      state = .ended
      return .reject(Self.notGRPC(httpStatus, contentType))
    }
    guard let encoding = MessageEncoding(headerValue: list.headers.first(name: "grpc-encoding")) else {
      state = .ended
      return .reject(
        .failure(.badResponse, .internal, "the upstream's grpc-encoding is not supported", httpStatus: hint))
    }
    state = .receiving
    return .begin(encoding)
  }

  /// The trailers have arrived.
  mutating func trailersReceived(_ trailers: HPACKHeaders) -> CallEnd? {
    guard case .receiving = state else { return nil }
    state = .ended
    return Self.end(trailers, httpStatus: 200, isTrailersOnly: false)
  }

  /// END_STREAM came with DATA: a response without trailers has no status.
  mutating func endedWithoutTrailers() -> CallEnd? {
    guard case .receiving = state else { return nil }
    state = .ended
    return .failure(.badResponse, .unknown, "the upstream ended the call without a status")
  }

  /// The stream was reset by the upstream, or for a fault of its.
  mutating func resetReceived(_ code: ErrorCode) -> CallEnd? {
    if case .ended = state { return nil }
    state = .ended
    return .failure(
      .reset(code), GRPCCode(http2ErrorCode: code.rawValue), "the upstream reset the call (\(code))")
  }

  /// The call ended for a reason that has nothing to do with the answer.
  mutating func ended() {
    state = .ended
  }

  /// `application/grpc`, also with a suffix `+proto` or parameters.
  private static func isGRPC(_ contentType: String) -> Bool {
    // As nearly every server writes it.
    if contentType == "application/grpc" || contentType == "application/grpc+proto" { return true }
    let essence = "application/grpc"
    guard contentType.utf8.count >= essence.utf8.count else { return false }
    var octets = contentType.utf8.makeIterator()
    for expected in essence.utf8 {
      guard let octet = octets.next() else { return false }
      // Media types are case-insensitive; 0x20 makes ASCII letters lower case.
      guard octet == expected || octet | 0x20 == expected else { return false }
    }
    guard let next = octets.next() else { return true }
    return next == UInt8(ascii: "+") || next == UInt8(ascii: ";") || next == UInt8(ascii: " ")
  }

  private static func notGRPC(_ httpStatus: Int, _ contentType: String?) -> CallEnd {
    guard httpStatus == 200 else {
      return .failure(
        .badResponse, GRPCCode(unexpectedHTTPStatus: httpStatus),
        "the upstream answered with HTTP status \(httpStatus)",
        httpStatus: httpStatus)
    }
    let found = contentType == nil ? "without a content type" : "with another content type"
    return .failure(.badResponse, .unknown, "the upstream answered \(found) than gRPC's")
  }

  private static func end(_ trailers: HPACKHeaders, httpStatus: Int, isTrailersOnly: Bool) -> CallEnd {
    var parser = GRPCStatusParser()
    var end = CallEnd(
      status: parser.parse(trailers, httpStatus: httpStatus), trailers: trailers, origin: .upstream,
      httpStatusHint: httpStatus == 200 ? nil : httpStatus, isTrailersOnly: isTrailersOnly)
    if parser.flaws.contains(.statusMissing) || parser.flaws.contains(.statusInvalid) {
      end.origin = .gateway(.badResponse)
      let what = parser.flaws.contains(.statusMissing) ? "without a status" : "with a status that is none of gRPC's"
      end.status = GRPCStatus(code: end.status.code, message: "the upstream ended the call \(what)")
    }
    return end
  }
}
