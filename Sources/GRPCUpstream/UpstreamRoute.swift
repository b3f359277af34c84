/// Names one method of an upstream; made once at start-up and used for every call of it.
///
/// Each connection keeps the header block of a route once it is fully indexed, so the object's identity matters:
/// use one per method, not one per call.
public final class UpstreamRoute: Sendable {
  /// `/pkg.Service/Method`.
  public let path: String
  /// `:authority` when it is not the target's.
  public let authority: String?

  /// When calls that failed are made again; nil for never.
  public let retries: RetryPolicy?

  public init(path: String, authority: String? = nil, retries: RetryPolicy? = nil) {
    self.path = path
    self.authority = authority
    self.retries = retries
  }
}
