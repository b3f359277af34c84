/// What the path and the query of a request came to, beside the bytes they were written as.
public struct RequestBinding: Sendable, Hashable {
  /// Whether at least one field was set: an upload without items is then one message and otherwise none.
  public var setsFields = false
  /// Whether the caller asked for an indented response: `?pretty`, where the message has no field of this name.
  public var isPretty = false
  /// Whether the mask of an update was given, so that it is not made from the body.
  var setsMask = false

  public init() {}
}
