public import NIOHPACK

/// Which names and values cross between HTTP headers and gRPC metadata.
///
/// Towards the upstream the rules are those of `RequestMetadata`. Towards the caller, initial metadata `x`
/// becomes `Grpc-Metadata-x` and trailing metadata `Grpc-Trailer-x`, except what belongs to the protocol
/// itself: pseudo headers, `content-type`, `te` and `grpc-*`. `-bin` values stay base64. Names with anything
/// but letters, digits, `-` and `.`, and values with a control character, do not cross.
public enum MetadataPolicy {
  /// Which header block of the upstream's answer metadata stood in.
  public enum Position: Sendable, Hashable {
    case initial
    case trailing

    var prefix: String {
      switch self {
      case .initial: "Grpc-Metadata-"
      case .trailing: "Grpc-Trailer-"
      }
    }
  }

  /// All of a request at once; see `RequestMetadata` for the rules and the parameters.
  @inlinable
  public static func requestMetadata(
    of headers: some Sequence<(name: String, value: String)>, address: String?, scheme: String,
    newRequestID: @autoclosure () -> String, into memory: consuming CallMetadata = CallMetadata()
  ) throws(MetadataFault) -> (metadata: CallMetadata, requestID: String) {
    var request = RequestMetadata(into: memory)
    for (name, value) in headers { try request.append(name: name, value: value) }
    let requestID = request.finish(address: address, scheme: scheme, newRequestID: newRequestID())
    return (request.metadata, requestID)
  }

  /// Calls `body` with the name and the value of each HTTP header that the metadata becomes, in order.
  public static func forEachHTTPHeader(
    of metadata: HPACKHeaders, _ position: Position, _ body: (_ name: String, _ value: String) -> Void
  ) {
    for (name, value, _) in metadata {
      guard crosses(name), isHeaderValue(value) else { continue }
      body(position.prefix + name, value)
    }
  }

  private static func crosses(_ name: String) -> Bool {
    HeaderText.withBytes(name) { bytes in
      // What nearly every answer has is told by its first letter.
      switch bytes.first {
      case UInt8(ascii: ":"): return false
      case UInt8(ascii: "c") where HeaderText.equals(bytes, "content-type"): return false
      case UInt8(ascii: "g") where HeaderText.hasPrefix(bytes, "grpc-"): return false
      case UInt8(ascii: "t") where HeaderText.equals(bytes, "te"): return false
      default: return HeaderText.isName(bytes)
      }
    }
  }

  /// RFC 9110 section 5.5: visible characters, spaces, tabs and obs-text.
  private static func isHeaderValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }
}
