import HTTPRule
import ProtobufSchema
public import Transcoding

/// The endpoints of a gateway by their paths, frozen.
///
/// To the routes of a service an endpoint is like one more literal route: it comes before a template with `*` or `**`
/// that would match its path too, and a rule for the very same path is a fault of the configuration, whatever its
/// method.
public struct LocalEndpointTable: Sendable {
  static let methods = ["GET", "HEAD", "OPTIONS"]

  private let byPath: [String: LocalEndpoint]
  /// In the order they were given.
  public let paths: [String]

  /// Of two endpoints with one path the first one stays.
  public init(_ endpoints: [LocalEndpoint] = []) {
    byPath = Dictionary(endpoints.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    paths = endpoints.map(\.path)
  }

  subscript(path: Substring) -> LocalEndpoint? {
    byPath.isEmpty ? nil : byPath[String(path)]
  }

  /// A line for each rule of the service that has the path of an endpoint.
  public func clashes(with bindings: BindingSet) -> [String] {
    paths.flatMap { path in
      bindings.bindings(literalPath: path).map { binding in
        "\(binding.declaration.origin): \(binding.route) for \(binding.method.fullName) clashes with the gateway's own "
          + "endpoint \(path)"
      }
    }
  }

  /// Whether some template with a wildcard answers to one of the paths, so that endpoints have to be looked at before
  /// the routes.
  func areHidden(by table: RouteTable<MethodBinding>) -> Bool {
    paths.contains { path in
      ["GET", "HEAD"].contains { method in
        if case .matched = table.match(method: method, path: path.utf8.span.bytes) { true } else { false }
      }
    }
  }
}
