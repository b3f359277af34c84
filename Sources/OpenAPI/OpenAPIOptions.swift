/// The switches of the gateway that change what a description has to say.
public struct OpenAPIOptions: Sendable, Hashable {
  /// Fields are printed with their proto names (`last_updated`) instead of their JSON names.
  public var protoFieldNames: Bool
  /// Enum values are printed as numbers.
  public var enumsAsNumbers: Bool
  /// Unknown fields of a request are ignored; by default they are refused.
  public var ignoresUnknownFields: Bool
  /// Unknown query parameters are ignored; by default they are refused.
  public var ignoresUnknownParameters: Bool
  /// Fields without presence are left out where they hold their default; by default they are written.
  public var omitsDefaults: Bool
  /// Streaming methods are also served over WebSocket.
  public var servesWebSocket: Bool
  /// Messages of a stream stand in `{"result":…}` and its error in `{"error":…}`, in lines also as `application/json`.
  public var streamEnvelope: Bool
  /// The media type of a stream whose caller has no wish, where it is not the usual one.
  public var streamDefault: String?
  /// Errors are the bare `google.rpc.Status`.
  public var bareStatusErrors: Bool

  public init(
    protoFieldNames: Bool = false, enumsAsNumbers: Bool = false, ignoresUnknownFields: Bool = false,
    ignoresUnknownParameters: Bool = false, omitsDefaults: Bool = false, servesWebSocket: Bool = false,
    streamEnvelope: Bool = false, streamDefault: String? = nil, bareStatusErrors: Bool = false
  ) {
    self.protoFieldNames = protoFieldNames
    self.enumsAsNumbers = enumsAsNumbers
    self.ignoresUnknownFields = ignoresUnknownFields
    self.ignoresUnknownParameters = ignoresUnknownParameters
    self.omitsDefaults = omitsDefaults
    self.servesWebSocket = servesWebSocket
    self.streamEnvelope = streamEnvelope
    self.streamDefault = streamDefault
    self.bareStatusErrors = bareStatusErrors
  }
}
