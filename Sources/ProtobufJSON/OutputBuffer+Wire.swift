/// Varints, as the wire has them (encoding.md, "Base 128 Varints").
extension OutputBuffer {
  /// How many bytes a length takes.
  @inline(__always)
  package static func varintCount(_ value: Int) -> Int {
    let bits = UInt64.bitWidth - (UInt64(bitPattern: Int64(value)) | 1).leadingZeroBitCount
    return (bits + 6) / 7
  }

  @inline(__always)
  package static func storeVarint(_ value: UInt64, at start: UnsafeMutablePointer<UInt8>) {
    var p = start
    var rest = value
    while rest >= 0x80 {
      p.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
      p += 1
      rest >>= 7
    }
    p.pointee = UInt8(truncatingIfNeeded: rest)
  }
}
