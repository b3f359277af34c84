internal import HTTP2

/// Says which metadata of a caller may go upstream as header fields.
///
/// What callers send is judged before it gets here; this is the last gate, so that nothing can pass for a field of
/// the protocol or begin a line of its own.
enum RequestMetadataPolicy {
  static func admits(_ field: (String, String)) -> Bool {
    FieldSyntax.isName(field.0) && FieldSyntax.isValue(field.1) && !FieldSyntax.isConnectionSpecific(field.0)
      && !isReserved(field.0)
  }

  /// Fields the call writes itself. `grpc-` is gRPC's own ("Reserved-Headers").
  private static func isReserved(_ name: String) -> Bool {
    switch name {
    case "te", "content-type", "content-length", "user-agent", "host": true
    default:
      // These two are made for metadata in spite of their names.
      name.hasPrefix("grpc-") && name != "grpc-trace-bin" && name != "grpc-tags-bin"
    }
  }
}
