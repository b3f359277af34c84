/// What the reader and the writer of messages need of one field, as plain memory that the schema owns.
///
/// Hot loops hold `UnsafePointer<FieldLayout>`: reading it costs no reference count. A pointer is good for as long as
/// the `Schema` lives, so it must not outlive the `MessageSchema` it was taken from.
@usableFromInline package struct FieldLayout: BitwiseCopyable {
  @usableFromInline package var number: Int32
  @usableFromInline package var kind: FieldKind
  /// How many bytes of `tagBytes` count: 1 to 5.
  @usableFromInline package var tagCount: UInt8
  @usableFromInline package var flags: FieldFlags
  /// The tag as it is written, first byte lowest. Packed fields have wire type 2, groups the start tag; a group's end
  /// tag is `tagBytes + 1`, since only the three lowest bits of the first byte differ.
  @usableFromInline package var tagBytes: UInt64
  /// The place among `MessageLayout.fields`: declaration order, then the known extensions by number.
  @usableFromInline package var ordinal: Int32
  /// The index among `MessageLayout`'s real oneofs, or -1. Synthetic oneofs (proto3 `optional`) do not count.
  @usableFromInline package var oneof: Int32
  /// `"jsonName":`, escaped, padded with zero bytes so that whole words of eight can be read.
  @usableFromInline package var jsonKey: UnsafePointer<UInt8>
  /// `"proto_name":`, likewise.
  @usableFromInline package var protoKey: UnsafePointer<UInt8>
  /// Counts include the two quotes and the colon.
  @usableFromInline package var jsonKeyCount: Int32
  @usableFromInline package var protoKeyCount: Int32
  /// The message of a message, group or map field (the map's entry message).
  @usableFromInline package var message: UnsafePointer<MessageLayout>?
  @usableFromInline package var enumeration: UnsafePointer<EnumLayout>?
  /// The place of the field's description in `Schema`.
  @usableFromInline package var index: Int32

  @inlinable package var isRepeated: Bool { flags.contains(.repeated) }
  @inlinable package var isMap: Bool { flags.contains(.map) }
  @inlinable package var isPacked: Bool { flags.contains(.packed) }
  @inlinable package var hasPresence: Bool { flags.contains(.presence) }
  @inlinable package var isRequired: Bool { flags.contains(.required) }
  /// The tag's value, as a varint reader returns it.
  @inlinable package var tag: UInt32 {
    let type: WireType = isPacked ? .lengthDelimited : kind.wireType
    return UInt32(bitPattern: number) << 3 | UInt32(type.rawValue)
  }
}

@usableFromInline package struct FieldFlags: OptionSet, Sendable, BitwiseCopyable {
  @usableFromInline package let rawValue: UInt16
  @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// More than one value: set for lists and for maps.
  @inlinable package static var repeated: FieldFlags { FieldFlags(rawValue: 1) }
  @inlinable package static var map: FieldFlags { FieldFlags(rawValue: 2) }
  @inlinable package static var packed: FieldFlags { FieldFlags(rawValue: 4) }
  /// Absent and "set to the default" differ.
  @inlinable package static var presence: FieldFlags { FieldFlags(rawValue: 8) }
  @inlinable package static var required: FieldFlags { FieldFlags(rawValue: 16) }
  @inlinable package static var isExtension: FieldFlags { FieldFlags(rawValue: 32) }
  /// Strings on the wire must be UTF-8 (`features.utf8_validation = VERIFY`).
  @inlinable package static var validatesUTF8: FieldFlags { FieldFlags(rawValue: 64) }
}
