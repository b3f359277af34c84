/// How errors are written.
public struct ErrorFormat: Sendable, Hashable {
  public enum Shape: Sendable, Hashable {
    /// `{"error":{"code":404,"message":…,"status":"NOT_FOUND","details":[…]}}` (AIP-193): `code` is the HTTP status.
    case error
    /// `{"code":5,"message":…,"details":[…]}`: the bare `google.rpc.Status`, as other gateways write it.
    case status
  }

  public var shape: Shape
  /// The shape within a stream, where `status` stands in `{"error":…}`: bare, it could not be told from a message.
  public var streamShape: Shape
  /// The `domain` of the gateway's own `google.rpc.ErrorInfo`.
  public var domain: String

  /// - Parameter streamShape: `nil` stands for that of other errors.
  public init(shape: Shape = .error, streamShape: Shape? = nil, domain: String = "grpc-json-gateway") {
    self.shape = shape
    self.streamShape = streamShape ?? shape
    self.domain = domain
  }
}
