extension WellKnownType {
  /// Whether the message has the fields by which this type is read and written.
  func matches(_ message: LinkedMessage) -> Bool {
    let fields = message.fields
    return fields.count == shape.count
      && zip(fields, shape).allSatisfy { field, wanted in
        field.number == wanted.number && field.kind == wanted.kind
          && field.flags.contains(.repeated) == wanted.isRepeated && !field.flags.contains(.required)
      }
  }

  private typealias Shape = (number: Int32, kind: FieldKind, isRepeated: Bool)

  private var shape: [Shape] {
    switch self {
    case .any: [(1, .string, false), (2, .bytes, false)]
    case .duration, .timestamp: [(1, .int64, false), (2, .int32, false)]
    case .fieldMask: [(1, .string, true)]
    case .listValue: [(1, .message, true)]
    case .structure: [(1, .message, true)]
    case .value:
      [
        (1, .enumeration, false), (2, .double, false), (3, .string, false), (4, .bool, false), (5, .message, false),
        (6, .message, false),
      ]
    case .boolValue: [(1, .bool, false)]
    case .bytesValue: [(1, .bytes, false)]
    case .doubleValue: [(1, .double, false)]
    case .floatValue: [(1, .float, false)]
    case .int32Value: [(1, .int32, false)]
    case .int64Value: [(1, .int64, false)]
    case .stringValue: [(1, .string, false)]
    case .uint32Value: [(1, .uint32, false)]
    case .uint64Value: [(1, .uint64, false)]
    case .empty: []
    }
  }
}
