/// The wrapping around the deflated bytes.
public enum CompressionFormat: Sendable, Hashable {
  /// RFC 1952. When inflating, several members in a row are one text (section 2.2).
  case gzip

  /// RFC 1950, which is what HTTP and gRPC call `deflate` (RFC 9110 section 8.4.1.2).
  case zlib

  /// Inflating only: RFC 1950 as above, or the bare RFC 1951 stream that many senders put under `deflate`.
  ///
  /// The first two bytes decide. A zlib header is a multiple of 31 whose low nibble is 8; a bare stream
  /// would need a stored block with its padding bits set to look like one, and no encoder writes that.
  /// A `Deflater` given this writes RFC 1950.
  case zlibOrRaw
}
