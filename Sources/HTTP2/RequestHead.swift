/// Holds the part of a request's header list that is the same for every call of one method.
///
/// Each connection keeps the encoded block of a head by its identity; make one per method and keep it.
public final class RequestHead: Sendable {
  /// Pseudo-header fields first; names in lower case.
  public let fields: [(name: String, value: String)]

  public init(_ fields: [(name: String, value: String)]) {
    self.fields = fields
  }
}
