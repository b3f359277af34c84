public import GRPCWire
public import Transcoding

/// Why a caller does not get what was asked for: who made the failure, what it is, and what may be said about it.
///
/// The three initialisers are the three origins. Only an upstream's failure is shown without a `google.rpc.ErrorInfo`
/// of ours, so that what the gateway made up is never mistaken for the service's word.
public struct GatewayError: Error, Sendable, Hashable {
  public enum Origin: Sendable, Hashable {
    /// The caller: the request cannot be understood or served as it is.
    case downstream
    /// The gRPC server: it ended the call with this status.
    case upstream
    /// The gateway: no answer could be had, or none that can be passed on.
    case gateway
  }

  public var origin: Origin
  public var code: GRPCCode
  /// The status line's code.
  public var httpStatus: Int
  /// One sentence for the caller's developer.
  public var message: String
  /// What programs may go by; `nil` only for an upstream's own failure.
  public var reason: Reason?
  /// What is wrong with the request, field by field.
  public var violations: [FieldViolation]
  /// A serialized `google.rpc.Status` as the upstream sent it, its details not yet looked at.
  public var rawDetails: [UInt8]?
  /// What the log may know and the caller may not.
  public var privateDetail: String?

  /// A failure of the request, with the HTTP status that says so.
  ///
  /// - Parameter reason: `nil` stands for the status's own reason.
  public init(
    downstream message: String, httpStatus: Int, reason: Reason? = nil, violations: [FieldViolation] = []
  ) {
    origin = .downstream
    code = GRPCCode(gatewayHTTPStatus: httpStatus)
    self.httpStatus = httpStatus
    self.message = message
    self.reason = reason ?? Reason(httpStatus: httpStatus)
    self.violations = violations
  }

  /// A failure that the gateway has to state in the upstream's place.
  public init(gateway message: String, code: GRPCCode, reason: Reason, privateDetail: String? = nil) {
    origin = .gateway
    self.code = code
    httpStatus = code.httpStatus
    self.message = message
    self.reason = reason
    violations = []
    self.privateDetail = privateDetail
  }

  /// The status with which the upstream ended the call.
  public init(upstream status: GRPCStatus) {
    origin = .upstream
    code = status.code
    httpStatus = status.code.httpStatus
    message = status.message
    violations = []
    rawDetails = status.detailsBin
  }
}

extension GatewayError: CustomStringConvertible {
  /// For logs: everything but the details' bytes.
  public var description: String {
    let ours = [reason?.rawValue, privateDetail].compactMap { $0 }.joined(separator: ", ")
    return "\(httpStatus) \(code.name): \(message)" + (ours.isEmpty ? "" : " (\(ours))")
  }
}
