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

  public init(
    protoFieldNames: Bool = false, enumsAsNumbers: Bool = false, ignoresUnknownFields: Bool = false,
    ignoresUnknownParameters: Bool = false, omitsDefaults: Bool = false, servesWebSocket: Bool = false
  ) {
    self.protoFieldNames = protoFieldNames
    self.enumsAsNumbers = enumsAsNumbers
    self.ignoresUnknownFields = ignoresUnknownFields
    self.ignoresUnknownParameters = ignoresUnknownParameters
    self.omitsDefaults = omitsDefaults
    self.servesWebSocket = servesWebSocket
  }
}
