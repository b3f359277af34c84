/// What a field holds, by the numbers of `google.protobuf.FieldDescriptorProto.Type`.
///
/// A map field has the kind `.message` (its hidden entry message) and the cardinality `.map`. A message field whose
/// encoding is delimited (a proto2 group, or `features.message_encoding = DELIMITED`) has the kind `.group`, however it
/// was declared, because that is what the wire shows.
public enum FieldKind: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
  case double = 1
  case float = 2
  case int64 = 3
  case uint64 = 4
  case int32 = 5
  case fixed64 = 6
  case fixed32 = 7
  case bool = 8
  case string = 9
  case group = 10
  case message = 11
  case bytes = 12
  case uint32 = 13
  case enumeration = 14
  case sfixed32 = 15
  case sfixed64 = 16
  case sint32 = 17
  case sint64 = 18

  /// The wire type of one unpacked value (encoding.md, "Message Structure").
  @inlinable public var wireType: WireType {
    switch self {
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enumeration: .varint
    case .fixed64, .sfixed64, .double: .fixed64
    case .fixed32, .sfixed32, .float: .fixed32
    case .string, .bytes, .message: .lengthDelimited
    case .group: .startGroup
    }
  }

  /// Only numbers, booleans and enums may share one length-delimited record.
  @inlinable public var isPackable: Bool {
    switch wireType {
    case .varint, .fixed32, .fixed64: true
    case .lengthDelimited, .startGroup, .endGroup: false
    }
  }

  /// Every integer, boolean or string, and nothing else, may be the key of a map.
  @inlinable public var isMapKey: Bool {
    switch self {
    case .double, .float, .bytes, .message, .group, .enumeration: false
    default: true
    }
  }

  /// How the kind is written in a `.proto` file, for messages to people.
  public var protoName: String {
    switch self {
    case .enumeration: "enum"
    default: "\(self)"
    }
  }
}

/// The low three bits of a tag on the wire.
public enum WireType: UInt8, Sendable, Hashable {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}

/// How many values a field holds.
public enum FieldCardinality: Sendable, Hashable {
  case singular
  case repeated
  case map
}
