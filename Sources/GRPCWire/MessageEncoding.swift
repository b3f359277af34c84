internal import Compression

/// A value of `grpc-encoding`: how the messages with the compressed flag are compressed.
public enum MessageEncoding: String, Sendable, Hashable, CaseIterable {
  case identity
  case gzip
  case deflate

  /// The value for `grpc-accept-encoding`: every encoding there is, comma-joined without spaces.
  public static let acceptedNames = "identity,gzip,deflate"

  /// - Returns: nil for an encoding that is not known, which gRPC's `compression.md` makes INTERNAL for the
  ///   answer of a server. No header at all is `identity`.
  public init?(headerValue: String?) {
    guard let headerValue else {
      self = .identity
      return
    }
    self.init(rawValue: headerValue)
  }

  var format: CompressionFormat? {
    switch self {
    case .identity: nil
    case .gzip: .gzip
    // gRPC's "deflate" is the zlib structure, as HTTP's is; grpc-java once sent bare streams.
    case .deflate: .zlibOrRaw
    }
  }
}
