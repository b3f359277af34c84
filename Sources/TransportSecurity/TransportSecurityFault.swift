/// Why TLS cannot be set up: which file, and what is wrong with it.
public struct TransportSecurityFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
