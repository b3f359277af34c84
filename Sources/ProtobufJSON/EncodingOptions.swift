/// How JSON is read.
public struct EncodingOptions: Sendable, Equatable {
  /// Skips fields that the message does not have, and enum names that the enum does not have, instead of refusing
  /// them. What is skipped must still be JSON.
  public var ignoreUnknownFields: Bool
  /// How many objects and arrays may stand inside each other. 100 is what protobuf parsers allow too; more than
  /// `largestMaximumDepth` is taken as that.
  public var maximumDepth: Int
  /// Each level is a few calls deep, and stacks are not endless.
  public static let largestMaximumDepth = 1000

  public init(ignoreUnknownFields: Bool = false, maximumDepth: Int = 100) {
    self.ignoreUnknownFields = ignoreUnknownFields
    self.maximumDepth = maximumDepth
  }
}
