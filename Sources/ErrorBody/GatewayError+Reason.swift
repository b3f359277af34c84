public import GRPCWire

extension GatewayError {
  /// The `reason` of the gateway's `google.rpc.ErrorInfo`: a closed list, part of the contract with callers.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    // The request.
    case invalidRequest = "INVALID_REQUEST"
    case forbidden = "FORBIDDEN"
    case unauthenticated = "UNAUTHENTICATED"
    case routeNotFound = "ROUTE_NOT_FOUND"
    case methodNotAllowed = "METHOD_NOT_ALLOWED"
    case notAcceptable = "NOT_ACCEPTABLE"
    case requestTimeout = "REQUEST_TIMEOUT"
    case lengthRequired = "LENGTH_REQUIRED"
    case requestTooLarge = "REQUEST_TOO_LARGE"
    case uriTooLong = "URI_TOO_LONG"
    case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
    case expectationFailed = "EXPECTATION_FAILED"
    case tooManyRequests = "TOO_MANY_REQUESTS"
    case headersTooLarge = "HEADERS_TOO_LARGE"
    case notImplemented = "NOT_IMPLEMENTED"
    case httpVersionNotSupported = "HTTP_VERSION_NOT_SUPPORTED"

    // The call.
    case deadlineExceeded = "DEADLINE_EXCEEDED"
    case streamIdle = "STREAM_IDLE"
    case upstreamUnreachable = "UPSTREAM_UNREACHABLE"
    case upstreamOverloaded = "UPSTREAM_OVERLOADED"
    case upstreamConnectionLost = "UPSTREAM_CONNECTION_LOST"
    case upstreamReset = "UPSTREAM_RESET"
    case upstreamBadResponse = "UPSTREAM_BAD_RESPONSE"
    case upstreamMessageTooLarge = "UPSTREAM_MESSAGE_TOO_LARGE"

    // The gateway itself.
    case overloaded = "OVERLOADED"
    case shuttingDown = "SHUTTING_DOWN"
    case `internal` = "INTERNAL"

    /// The reason of an answer that says no more than its status.
    init(httpStatus: Int) {
      self =
        switch httpStatus {
        case 401: .unauthenticated
        case 403: .forbidden
        case 404: .routeNotFound
        case 405: .methodNotAllowed
        case 406: .notAcceptable
        case 408: .requestTimeout
        case 411: .lengthRequired
        case 413: .requestTooLarge
        case 414: .uriTooLong
        case 415: .unsupportedMediaType
        case 417: .expectationFailed
        case 429: .tooManyRequests
        case 431: .headersTooLarge
        case 501: .notImplemented
        case 502: .upstreamBadResponse
        case 503: .overloaded
        case 504: .deadlineExceeded
        case 505: .httpVersionNotSupported
        case 500...: .internal
        default: .invalidRequest
        }
    }
  }
}

extension GRPCCode {
  /// The code that stands beside an HTTP status which the gateway chose itself.
  ///
  /// Not the inverse of `httpStatus`, which has one status per code and none for most of these.
  public init(gatewayHTTPStatus status: Int) {
    switch status {
    case 401: self = .unauthenticated
    case 403: self = .permissionDenied
    case 404: self = .notFound
    case 405, 501, 505: self = .unimplemented
    case 408, 504: self = .deadlineExceeded
    case 413, 429: self = .resourceExhausted
    case 499: self = .cancelled
    case 502, 503: self = .unavailable
    case 500...: self = .internal
    default: self = .invalidArgument
    }
  }
}
