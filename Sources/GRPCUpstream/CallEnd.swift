public import GRPCWire
public import NIOHPACK

/// Says how a call ended and who said so.
public struct CallEnd: Sendable {
  /// Who made the status.
  public enum Origin: Sendable, Hashable {
    /// The upstream's own `grpc-status`.
    case upstream
    /// Made up here, because the upstream gave none that holds.
    case gateway(UpstreamFailure)
  }

  public var status: GRPCStatus
  /// The trailing metadata as received, `grpc-status` and the like among it; empty when there was none.
  public var trailers: HPACKHeaders
  public var origin: Origin
  /// The upstream's `:status` when it was not 200.
  public var httpStatusHint: Int?
  /// True when the upstream answered with a single header block, so that `trailers` are all there is.
  public var isTrailersOnly: Bool

  public init(
    status: GRPCStatus, trailers: HPACKHeaders = [:], origin: Origin, httpStatusHint: Int? = nil,
    isTrailersOnly: Bool = false
  ) {
    self.status = status
    self.trailers = trailers
    self.origin = origin
    self.httpStatusHint = httpStatusHint
    self.isTrailersOnly = isTrailersOnly
  }

  /// An end the gateway makes up: the gRPC code that callers see and a text that may be shown to them.
  static func failure(_ failure: UpstreamFailure, _ code: GRPCCode, _ message: String, httpStatus: Int? = nil) -> Self {
    CallEnd(
      status: GRPCStatus(code: code, message: message), origin: .gateway(failure), httpStatusHint: httpStatus)
  }
}
