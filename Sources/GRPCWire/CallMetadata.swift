public import HTTP2

/// The metadata of one call, as the header fields it is sent as.
///
/// Whatever it holds may go upstream: nothing can pass for a field of the protocol, or begin a line of its own. It was
/// admitted one by one, or comes from `RequestMetadata`, whose rules are narrower.
public struct CallMetadata: Sendable, Equatable {
  public internal(set) var fields = LiteralFields()

  public init() {}

  /// The memory it has, bytes.
  public var capacity: Int { fields.capacity }

  /// Takes all out; the memory stays, unless somebody else has it too.
  public mutating func removeAll() { fields.removeAll() }

  /// What of the entries is admitted, in their order.
  public init(_ entries: some Sequence<(String, String)>) {
    for (name, value) in entries { append(name, value) }
  }

  /// Adds an entry; the name in lower case, the value of a `-bin` one in base64. One that is not admitted is left out.
  public mutating func append(_ name: String, _ value: String) {
    guard Self.admits(name, value) else { return }
    fields.append(name, value)
  }

  /// Names and values, in order.
  public var entries: [(name: String, value: String)] { fields.entries }

  static func admits(_ name: String, _ value: String) -> Bool {
    FieldSyntax.isName(name) && FieldSyntax.isValue(value) && !FieldSyntax.isConnectionSpecific(name)
      && !isReserved(name)
  }

  /// Fields the call writes itself. `grpc-` is gRPC's own ("Reserved-Headers").
  private static func isReserved(_ name: String) -> Bool {
    switch name {
    case "te", "host", "user-agent", "content-type", "content-length": true
    // These two are made for metadata in spite of their names.
    case "grpc-trace-bin", "grpc-tags-bin": false
    default: name.hasPrefix("grpc-")
    }
  }
}
