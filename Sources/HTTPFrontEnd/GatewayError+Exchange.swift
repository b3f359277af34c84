import ErrorBody
import GRPCUpstream
import GRPCWire
import HTTPRule
import ProtobufJSON
import Transcoding

/// The errors of the HTTP side, each with the status and the words that the caller is given.
extension GatewayError {
  // MARK: The request

  init(_ fault: RequestHeadFault) {
    self.init(downstream: fault.message, httpStatus: fault.status)
  }

  init(_ fault: RequestFault) {
    self.init(downstream: fault.message, httpStatus: 400, violations: fault.violations)
  }

  init(_ fault: JSONStreamFault, limit: Int) {
    guard fault.code != .tooLarge else {
      self.init(
        downstream: "item \(fault.itemIndex) is larger than \(limit) bytes", httpStatus: 413, reason: .requestTooLarge)
      return
    }
    let violation = FieldViolation(
      field: "[\(fault.itemIndex)]", description: fault.message, reason: "MALFORMED_JSON")
    self.init(downstream: fault.message, httpStatus: 400, violations: [violation])
  }

  static func notFound(path: Substring) -> GatewayError {
    GatewayError(downstream: "no route matches \(path)", httpStatus: 404, reason: .routeNotFound)
  }

  static func methodNotAllowed(_ method: String, allow: [String]) -> GatewayError {
    GatewayError(
      downstream: "\(method) is not allowed here; allowed: \(allow.joined(separator: ", "))", httpStatus: 405,
      reason: .methodNotAllowed)
  }

  static func malformedPath(_ error: PercentDecodingError) -> GatewayError {
    let message = "the path is malformed: the % at byte \(error.offset) is not followed by two hexadecimal digits"
    return GatewayError(message, field: "", "INVALID_ENCODING")
  }

  static let streamOverHTTP10 = GatewayError(
    downstream: "a streaming method needs HTTP/1.1: without chunks an error after the first byte could not be told",
    httpStatus: 505)

  static func notAcceptable(offered: String) -> GatewayError {
    GatewayError(downstream: "nothing that Accept asks for is offered; offered: \(offered)", httpStatus: 406)
  }

  static func unsupportedMediaType(_ message: String) -> GatewayError {
    GatewayError(downstream: message, httpStatus: 415)
  }

  static let unexpectedBody = GatewayError(
    "this route takes no request body; its fields are parameters of path and query", field: "", "UNEXPECTED_BODY")

  static func requestTooLarge(limit: Int) -> GatewayError {
    GatewayError(downstream: "the request is larger than \(limit) bytes", httpStatus: 413, reason: .requestTooLarge)
  }

  static func badTimeout(_ header: String, _ value: String) -> GatewayError {
    let form = header == "Grpc-Timeout" ? "1 to 8 digits and one of H, M, S, m, u, n" : "seconds, such as 1.5"
    return GatewayError("\(header) is \"\(value)\", expected \(form)", field: header, "INVALID_VALUE")
  }

  static func badMetadata(_ fault: MetadataFault) -> GatewayError {
    GatewayError(fault.description, field: fault.headerName, "INVALID_VALUE")
  }

  /// A 400 over one thing: a header by its name, or path or body as such, which have none.
  private init(_ message: String, field: String, _ reason: String) {
    self.init(
      downstream: message, httpStatus: 400,
      violations: [FieldViolation(field: field, description: message, reason: reason)])
  }

  static let bodyTimeout = GatewayError(
    downstream: "the request body did not arrive in time", httpStatus: 408, reason: .requestTimeout)

  // MARK: The call

  static let overloaded = GatewayError(
    gateway: "more calls are in flight than are served at once", code: .unavailable, reason: .overloaded)

  static let deadlineExceeded = GatewayError(
    gateway: "the deadline of the call has passed", code: .deadlineExceeded, reason: .deadlineExceeded)

  static let streamIdle = GatewayError(
    gateway: "nothing was sent on the stream for too long", code: .deadlineExceeded, reason: .streamIdle)

  static let tooManyMessages = GatewayError(
    gateway: "the upstream answered a call that has one response message with more", code: .internal,
    reason: .upstreamBadResponse)

  static let noMessage = GatewayError(
    gateway: "the upstream answered OK without a message", code: .internal, reason: .upstreamBadResponse)

  init(_ fault: WireFault) {
    self.init(
      gateway: "the upstream's message cannot be shown as JSON: \(fault.description)", code: .internal,
      reason: .upstreamBadResponse)
  }

  /// The end of a call that is not OK.
  init(_ end: CallEnd) {
    switch end.origin {
    case .upstream:
      self.init(upstream: end.status)
    case .gateway(let failure):
      self.init(gateway: end.status.message, code: end.status.code, reason: Reason(failure))
    }
  }
}

extension GatewayError.Reason {
  init(_ failure: UpstreamFailure) {
    self =
      switch failure {
      case .unreachable: .upstreamUnreachable
      case .overloaded: .upstreamOverloaded
      case .connectionLost: .upstreamConnectionLost
      case .reset: .upstreamReset
      case .badResponse: .upstreamBadResponse
      case .messageTooLarge: .upstreamMessageTooLarge
      case .shutdown: .shuttingDown
      }
  }
}
