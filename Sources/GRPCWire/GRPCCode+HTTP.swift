extension GRPCCode {
  /// The HTTP status that says the same, by the "HTTP Mapping" comments of `google/rpc/code.proto`.
  public var httpStatus: Int {
    switch self {
    case .ok: 200
    case .cancelled: 499
    case .unknown: 500
    case .invalidArgument: 400
    case .deadlineExceeded: 504
    case .notFound: 404
    case .alreadyExists: 409
    case .permissionDenied: 403
    case .resourceExhausted: 429
    case .failedPrecondition: 400
    case .aborted: 409
    case .outOfRange: 400
    case .unimplemented: 501
    case .internal: 500
    case .unavailable: 503
    case .dataLoss: 500
    case .unauthenticated: 401
    }
  }

  /// What an HTTP status means when it comes without a `grpc-status`, from a proxy or a server that is none
  /// of gRPC's.
  ///
  /// The table of gRPC's `doc/http-grpc-status-mapping.md`. It is not the inverse of `httpStatus`: a 404 says
  /// that there is no such method (UNIMPLEMENTED), not that the method found nothing. 200 has no row of its
  /// own and is "all other": a 200 without `grpc-status` is UNKNOWN.
  public init(unexpectedHTTPStatus status: Int) {
    switch status {
    case 400: self = .internal
    case 401: self = .unauthenticated
    case 403: self = .permissionDenied
    case 404: self = .unimplemented
    case 429, 502, 503, 504: self = .unavailable
    default: self = .unknown
    }
  }
}
