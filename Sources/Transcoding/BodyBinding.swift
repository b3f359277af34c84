public import ProtobufSchema

/// What of the request message the HTTP body holds.
public enum BodyBinding: Sendable, Hashable {
  /// Nothing: the rule has no `body`.
  case none
  /// The message itself, apart from what the path binds: `body: "*"`.
  case whole
  /// One field of the message.
  case field(FieldSchema)
}
