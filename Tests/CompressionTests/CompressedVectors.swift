/// One text as Python's `gzip` and `zlib` modules compress it at level 9, so that the two directions here are
/// not only tried on each other.
enum CompressedVectors {
  static let text = Array("order order order 101, 102, 103\n".utf8)

  static let gzip = hex("1f8b0800000000000203cb2f4a492d52c847220d0d0c758084118830e60200fac1483c20000000")

  /// FEXTRA, FNAME, FCOMMENT and FHCRC set.
  static let gzipWithEveryHeaderField = hex(
    """
    1f8b081e0000000000030400414200006f72646572732e6e646a736f6e006120636f6d6d656e74005d48cb2f\
    4a492d52c847220d0d0c758084118830e60200fac1483c20000000
    """)

  static let zlib = hex("78dacb2f4a492d52c847220d0d0c758084118830e60200b2860910")

  static let raw = hex("cb2f4a492d52c847220d0d0c758084118830e60200")

  /// RFC 1950 with FDICT.
  static let zlibWithDictionary = hex(
    "78f90660021dcb07110ac8a4a181a10e90300211c65c00b2860910")

  static func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
