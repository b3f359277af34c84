/// The retry policies of all methods: `methodConfig` of gRPC's service config.
///
/// A method's own policy comes before its service's, and that before the one for everything.
public struct RetryPolicies: Sendable, Equatable {
  /// Whom a policy is for.
  public enum Name: Sendable, Hashable {
    case everything
    /// `pkg.Service`.
    case service(String)
    /// `pkg.Service` and `Method`.
    case method(String, String)
  }

  public var throttling: RetryThrottling?
  /// nil where a name stands without a policy: nothing of it is retried.
  public private(set) var byName: [Name: RetryPolicy?] = [:]

  public init() {}

  /// - Returns: false when the name has a policy already.
  public mutating func add(_ policy: RetryPolicy?, for name: Name) -> Bool {
    guard byName[name] == nil else { return false }
    byName[name] = .some(policy)
    return true
  }

  /// - Parameter path: `/pkg.Service/Method`.
  public func policy(forPath path: String) -> RetryPolicy? {
    let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    let names = [Name.method(parts[0], parts[1]), .service(parts[0]), .everything]
    for name in names {
      guard let found = byName[name] else { continue }
      var policy = found
      policy?.throttling = throttling
      return policy
    }
    return nil
  }
}
