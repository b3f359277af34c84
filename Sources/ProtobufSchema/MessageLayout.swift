/// What the reader and the writer of messages need of one message type, as plain memory that the schema owns.
@usableFromInline package struct MessageLayout: BitwiseCopyable {
  /// The fields in declaration order, then the extensions the schema knows, by number.
  @usableFromInline package var fields: UnsafePointer<FieldLayout>
  @usableFromInline package var fieldCount: Int32
  @usableFromInline package var extensionCount: Int32
  /// The ordinals of all fields and extensions, by ascending field number.
  @usableFromInline package var ordinalsByNumber: UnsafePointer<Int32>
  /// `denseOrdinals[number]` is the ordinal or -1, for numbers below `denseCount`; beyond, binary search.
  @usableFromInline package var denseOrdinals: UnsafePointer<Int32>
  @usableFromInline package var denseCount: Int32
  @usableFromInline package var oneofCount: Int32
  @usableFromInline package var names: NameTable
  /// How many 64-bit words hold one bit per field and extension, and then one per oneof.
  @usableFromInline package var bitWords: Int32
  @usableFromInline package var requiredCount: Int32
  /// `bitWords` words with the bits of the required fields.
  @usableFromInline package var requiredBits: UnsafePointer<UInt64>
  /// Zero, or the raw value of a `WellKnownType`.
  @usableFromInline package var wellKnownCode: UInt8
  @usableFromInline package var isMapEntry: Bool
  @usableFromInline package var isMessageSet: Bool
  /// The place of the message's description in `Schema`.
  @usableFromInline package var index: Int32

  @inlinable package var wellKnown: WellKnownType? { WellKnownType(rawValue: wellKnownCode) }
  /// Fields and extensions together.
  @inlinable package var totalCount: Int { Int(fieldCount) &+ Int(extensionCount) }

  /// The field or known extension with this JSON or proto name (extensions: `[full.name]`).
  @inlinable @inline(__always)
  package func field(name: UnsafePointer<UInt8>, count: Int) -> UnsafePointer<FieldLayout>? {
    let ordinal = names.value(name, count)
    return ordinal < 0 ? nil : fields + Int(ordinal)
  }

  /// The field or known extension with this number.
  @inlinable @inline(__always)
  package func field(number: UInt32) -> UnsafePointer<FieldLayout>? {
    if number < UInt32(bitPattern: denseCount) {
      let ordinal = denseOrdinals[Int(number)]
      return ordinal < 0 ? nil : fields + Int(ordinal)
    }
    return searchField(number: number)
  }

  @usableFromInline package func searchField(number: UInt32) -> UnsafePointer<FieldLayout>? {
    var low = 0
    var high = totalCount
    while low < high {
      let middle = (low &+ high) >> 1
      let field = fields + Int(ordinalsByNumber[middle])
      let found = UInt32(bitPattern: field.pointee.number)
      if found == number { return field }
      if found < number { low = middle &+ 1 } else { high = middle }
    }
    return nil
  }
}
