/// Says why bytes that an upstream sent are not a message of the expected type, and where.
public struct WireFault: Error, Hashable, CustomStringConvertible {
  public enum Code: Error, Hashable, CaseIterable {
    /// The bytes end within a value.
    case truncated
    /// A varint has more than ten bytes.
    case varintTooLong
    /// A tag with field number 0, with a wire type that does not exist, or with more than 32 bits.
    case invalidTag
    /// A known field has a wire type that its type cannot have.
    case wrongWireType
    /// A group's end tag without its start, or a group that does not end.
    case unmatchedGroup
    /// A string is not UTF-8, which JSON cannot say.
    case invalidUTF8
    /// Messages are nested deeper than allowed.
    case tooDeep
    /// A Timestamp is outside of the years 1 to 9999, or its nanos are no fraction of a second.
    case timestampOutOfRange
    /// A Duration is beyond 10,000 years, or the signs of seconds and nanos differ.
    case durationOutOfRange
    /// A FieldMask path has no lowerCamelCase form that reads back as the same path.
    case fieldMaskPath
    /// A `google.protobuf.Value` holds NaN or an infinity, which its JSON form cannot say.
    case valueNotFinite
    /// An Any holds a type that the schema does not know.
    case unknownAnyType
    /// An Any has a value and no type, or a type URL without a name.
    case invalidAnyType
    /// The message is 4 GiB or longer.
    case messageTooLong
    /// The JSON would be longer than `DecodingOptions.maximumOutputBytes`.
    case outputTooLong
  }

  public var code: Code
  /// Offset in bytes from the start of the message that was given to the decoder.
  public var offset: Int
  /// The path of the field in JSON names, such as `addresses[2].type`; empty when it is the message itself.
  public var fieldPath: String

  public init(code: Code, offset: Int, fieldPath: String) {
    self.code = code
    self.offset = offset
    self.fieldPath = fieldPath
  }

  public var message: String {
    switch code {
    case .truncated: "the message ends within a value"
    case .varintTooLong: "a varint has more than ten bytes"
    case .invalidTag: "a tag is invalid"
    case .wrongWireType: "the wire type does not fit the field's type"
    case .unmatchedGroup: "a group's start and end do not match"
    case .invalidUTF8: "the string is not UTF-8"
    case .tooDeep: "messages are nested too deep"
    case .timestampOutOfRange: "the Timestamp is out of range"
    case .durationOutOfRange: "the Duration is out of range"
    case .fieldMaskPath: "the FieldMask path has no JSON form"
    case .valueNotFinite: "a Value cannot be NaN or infinite"
    case .unknownAnyType: "the Any holds a type that is not in the schema"
    case .invalidAnyType: "the Any has no valid type URL"
    case .messageTooLong: "the message is longer than 4 GiB"
    case .outputTooLong: "the JSON text would be too long"
    }
  }

  public var description: String {
    fieldPath.isEmpty ? "\(message) (byte \(offset))" : "\(fieldPath): \(message) (byte \(offset))"
  }
}
