/// The message types that ProtoJSON writes in a form of their own instead of as an object of their fields.
public enum WellKnownType: UInt8, Sendable, Hashable, CaseIterable {
  case any = 1
  case duration
  case fieldMask
  case listValue
  case structure
  case timestamp
  case value
  case boolValue
  case bytesValue
  case doubleValue
  case floatValue
  case int32Value
  case int64Value
  case stringValue
  case uint32Value
  case uint64Value
  case empty

  /// The full name of the message type, such as `google.protobuf.Timestamp`.
  public var fullName: String { "google.protobuf.\(shortName)" }

  private var shortName: String {
    switch self {
    case .any: "Any"
    case .duration: "Duration"
    case .fieldMask: "FieldMask"
    case .listValue: "ListValue"
    case .structure: "Struct"
    case .timestamp: "Timestamp"
    case .value: "Value"
    case .boolValue: "BoolValue"
    case .bytesValue: "BytesValue"
    case .doubleValue: "DoubleValue"
    case .floatValue: "FloatValue"
    case .int32Value: "Int32Value"
    case .int64Value: "Int64Value"
    case .stringValue: "StringValue"
    case .uint32Value: "UInt32Value"
    case .uint64Value: "UInt64Value"
    case .empty: "Empty"
    }
  }

  /// Whether the type is one of `wrappers.proto`, whose JSON form is its bare `value`.
  @inlinable public var isWrapper: Bool {
    switch self {
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue, .uint32Value,
      .uint64Value:
      true
    case .any, .duration, .fieldMask, .listValue, .structure, .timestamp, .value, .empty: false
    }
  }

  static let byFullName: [String: WellKnownType] = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.fullName, $0) })
}
