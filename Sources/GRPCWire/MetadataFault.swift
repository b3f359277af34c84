/// A request header that cannot become metadata; the request is at fault.
public struct MetadataFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// The name as it was sent.
  public let headerName: String
  public let message: String

  public var description: String { "\(headerName): \(message)" }
}
