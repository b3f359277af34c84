public import ProtobufJSON

/// What may be chosen about how requests are read and responses are written.
public struct TranscodingOptions: Sendable {
  /// How request bodies are read.
  public var encoding: EncodingOptions
  /// How response bodies are written.
  public var decoding: DecodingOptions
  /// Passes over query parameters that name no field, instead of answering 400.
  public var ignoreUnknownParameters: Bool
  /// Whether every method is also reachable as `POST /package.Service/Method`.
  public var mapsEveryMethod: Bool
  /// Spaces per level when a caller asks for `?pretty`.
  public var prettyIndent: Int

  public init(
    encoding: EncodingOptions = EncodingOptions(), decoding: DecodingOptions = DecodingOptions(),
    ignoreUnknownParameters: Bool = false, mapsEveryMethod: Bool = true, prettyIndent: Int = 2
  ) {
    self.encoding = encoding
    self.decoding = decoding
    self.ignoreUnknownParameters = ignoreUnknownParameters
    self.mapsEveryMethod = mapsEveryMethod
    self.prettyIndent = prettyIndent
  }
}
