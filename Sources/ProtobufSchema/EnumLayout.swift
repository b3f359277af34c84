/// What the reader and the writer of messages need of one enum, as plain memory that the schema owns.
@usableFromInline package struct EnumLayout: BitwiseCopyable {
  /// One number of the enum and the name that is printed for it (of aliases: the first declared).
  @usableFromInline package struct Value: BitwiseCopyable {
    @usableFromInline package var number: Int32
    @usableFromInline package var quotedCount: Int32
    /// `"NAME"`, escaped, with its quotes; padded with zero bytes so that whole words of eight can be read.
    @usableFromInline package var quoted: UnsafePointer<UInt8>
  }

  /// By ascending number, every number once.
  @usableFromInline package var values: UnsafePointer<Value>
  @usableFromInline package var valueCount: Int32
  /// The number of `values[0]`, when all numbers follow each other without a gap.
  @usableFromInline package var isContiguous: Bool
  /// A closed enum refuses numbers it does not name (proto2).
  @usableFromInline package var isClosed: Bool
  /// `google.protobuf.NullValue`, whose JSON form is `null`.
  @usableFromInline package var isNullValue: Bool
  /// Every name and alias to its number's place in `values`.
  @usableFromInline package var names: NameTable
  /// The place of the enum's description in `Schema`.
  @usableFromInline package var index: Int32

  @inlinable @inline(__always)
  package func value(number: Int32) -> UnsafePointer<Value>? {
    if isContiguous {
      let offset = Int(number) &- Int(values.pointee.number)
      return offset >= 0 && offset < Int(valueCount) ? values + offset : nil
    }
    return searchValue(number: number)
  }

  @inlinable @inline(__always)
  package func value(name: UnsafePointer<UInt8>, count: Int) -> UnsafePointer<Value>? {
    let place = names.value(name, count)
    return place < 0 ? nil : values + Int(place)
  }

  @usableFromInline package func searchValue(number: Int32) -> UnsafePointer<Value>? {
    var low = 0
    var high = Int(valueCount)
    while low < high {
      let middle = (low &+ high) >> 1
      let found = values[middle].number
      if found == number { return values + middle }
      if found < number { low = middle &+ 1 } else { high = middle }
    }
    return nil
  }
}
