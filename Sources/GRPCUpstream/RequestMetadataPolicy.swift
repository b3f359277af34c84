internal import HTTP2

/// Says which metadata of a caller may go upstream as header fields.
///
/// What callers send is judged before it gets here; this is the last gate, so that nothing can pass for a field of
/// the protocol or begin a line of its own.
enum RequestMetadataPolicy {
  /// Whether every field may go. A span lends the fields: each element of an array would be retained.
  static func admits(all fields: Span<(String, String)>) -> Bool {
    for index in fields.indices where !admits(fields[index]) { return false }
    return true
  }

  static func admits(_ field: (String, String)) -> Bool {
    FieldSyntax.isName(field.0) && FieldSyntax.isValue(field.1) && !FieldSyntax.isConnectionSpecific(field.0)
      && !isReserved(field.0)
  }

  /// Fields the call writes itself. `grpc-` is gRPC's own ("Reserved-Headers").
  private static func isReserved(_ name: String) -> Bool {
    // By length and first letter before anything is compared: this is asked of every field of every call.
    switch name.utf8.count {
    case 2: if name == "te" { return true }
    case 4: if name == "host" { return true }
    case 10: if name == "user-agent" { return true }
    case 12: if name == "content-type" { return true }
    case 14: if name == "content-length" { return true }
    default: break
    }
    guard name.utf8.first == UInt8(ascii: "g"), name.hasPrefix("grpc-") else { return false }
    // These two are made for metadata in spite of their names.
    return name != "grpc-trace-bin" && name != "grpc-tags-bin"
  }
}
