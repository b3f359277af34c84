internal import NIOCore

/// Reads no more of a header block than is needed to say whether decoding it changes the dynamic table.
///
/// Only literals "with incremental indexing" (01xxxxxx) and table size updates (001xxxxx) do (RFC 7541 section 6). A
/// block that has neither decodes to the same list again as long as no other block changes the table either.
enum HeaderBlockShape {
  /// - Returns: false also for a block that is cut short or overflows; the decoder will say what is wrong with it.
  static func leavesTableAlone(_ block: ByteBuffer) -> Bool {
    block.withUnsafeReadableBytes { bytes in
      var index = 0
      while index < bytes.count {
        let first = bytes[index]
        if first & 0x80 != 0 {
          guard skipInteger(bytes, &index, prefixBits: 7) != nil else { return false }
        } else if first & 0xf0 == 0 || first & 0xf0 == 0x10 {
          guard let name = skipInteger(bytes, &index, prefixBits: 4) else { return false }
          if name == 0 {
            guard skipString(bytes, &index) else { return false }
          }
          guard skipString(bytes, &index) else { return false }
        } else {
          return false
        }
      }
      return true
    }
  }

  private static func skipString(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) -> Bool {
    guard index < bytes.count, let length = skipInteger(bytes, &index, prefixBits: 7) else { return false }
    guard length <= bytes.count - index else { return false }
    index += length
    return true
  }

  /// RFC 7541 section 5.1; nil past 2^21, far beyond every limit here.
  private static func skipInteger(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, prefixBits: Int) -> Int? {
    let mask = (1 << prefixBits) - 1
    var value = Int(bytes[index]) & mask
    index += 1
    guard value == mask else { return value }
    for shift in [0, 7, 14] {
      guard index < bytes.count else { return nil }
      let octet = Int(bytes[index])
      index += 1
      value += (octet & 0x7f) << shift
      if octet & 0x80 == 0 { return value }
    }
    return nil
  }
}
