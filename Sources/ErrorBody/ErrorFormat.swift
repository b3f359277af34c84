/// How errors are written.
public struct ErrorFormat: Sendable, Hashable {
  public enum Shape: Sendable, Hashable {
    /// `{"error":{"code":404,"message":…,"status":"NOT_FOUND","details":[…]}}` (AIP-193): `code` is the HTTP status.
    case error
    /// `{"code":5,"message":…,"details":[…]}`: the bare `google.rpc.Status`, as other gateways write it.
    case status
  }

  public var shape: Shape
  /// The `domain` of the gateway's own `google.rpc.ErrorInfo`.
  public var domain: String

  public init(shape: Shape = .error, domain: String = "grpc-json-gateway") {
    self.shape = shape
    self.domain = domain
  }
}
