import HTTPNegotiation

/// Which answers are compressed for callers that accept it.
public struct CompressionPolicy: Sendable, Hashable {
  /// Off: `Accept-Encoding` is not even looked at.
  public var isEnabled = true
  /// 1 KiB: below it the whole answer fits one packet as it is, so that compressing it saves nobody anything.
  public var minimumBody = 1024
  /// 256 on one event loop, of 70 KiB of zlib state each (`Deflater.Memory.perStream`), so 18 MiB a loop at most. A
  /// stream that begins when so many are open is sent as it is, unless its caller takes nothing but a coding.
  public var maximumStreams = 256

  public init() {}

  /// Whether bytes of that type are worth it. What is compressed by its own format (images, archives, video), and
  /// what nobody knows (`application/octet-stream`), is not.
  static func isCompressible(contentType: String) -> Bool {
    guard let type = MediaType(parsing: contentType) else { return false }
    switch (type.type, type.subtype) {
    // Events have to arrive one by one through whatever stands between, and inflaters gather.
    case ("text", "event-stream"): return false
    case ("text", _): return true
    case ("application", let subtype):
      return type.isJSON || type.suffix == "xml" || compressibleApplications.contains(subtype)
    case ("image", "svg+xml"), ("image", "bmp"), ("font", "ttf"), ("font", "otf"): return true
    default: return false
    }
  }

  private static let compressibleApplications: Set<String> = [
    "javascript", "json-seq", "jsonl", "sql", "wasm", "x-ndjson", "xml", "yaml", "x-yaml",
  ]
}

/// What a caller takes of the codings that are offered (RFC 9110 §12.5.3).
struct AcceptedCodings: Equatable, Sendable {
  /// Of `gzip`, `deflate` and `identity` the one that is liked best; `nil` when none is acceptable.
  var best: ContentCoding?
  /// Whether an answer without any coding will do.
  var identity: Bool

  /// What holds when nothing is said, or nothing is offered.
  static let anything = AcceptedCodings(best: .identity, identity: true)

  private static let offers: [ContentCoding] = [.gzip, .deflate]

  init(best: ContentCoding?, identity: Bool) {
    self.best = best
    self.identity = identity
  }

  init(parsing text: String) {
    let accepted = AcceptEncoding(parsing: CollectionOfOne(text))
    best = accepted.best(of: Self.offers)
    identity = accepted.isIdentityAcceptable
  }
}
