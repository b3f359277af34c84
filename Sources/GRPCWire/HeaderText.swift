/// Byte-wise questions about header names and values, asked without making strings.
enum HeaderText {
  static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// Calls `body` with the text's bytes; a Swift string that came from a parser is already contiguous.
  static func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
    return Array(text.utf8).withUnsafeBufferPointer(body)
  }

  /// Whether `bytes`, lower-cased, are `name`, which has to be lower-case itself.
  static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ name: StaticString) -> Bool {
    bytes.count == name.utf8CodeUnitCount && hasPrefix(bytes, name)
  }

  /// Whether `bytes`, lower-cased, start with `prefix`, which has to be lower-case itself.
  static func hasPrefix(_ bytes: UnsafeBufferPointer<UInt8>, _ prefix: StaticString) -> Bool {
    let count = prefix.utf8CodeUnitCount
    guard bytes.count >= count else { return false }
    for index in 0..<count where lowercased(bytes[index]) != prefix.utf8Start[index] { return false }
    return true
  }

  static func hasSuffix(_ bytes: UnsafeBufferPointer<UInt8>, _ suffix: StaticString) -> Bool {
    guard bytes.count >= suffix.utf8CodeUnitCount else { return false }
    return hasPrefix(UnsafeBufferPointer(rebasing: bytes.suffix(suffix.utf8CodeUnitCount)), suffix)
  }

  /// Whether a name may cross the gateway: letters, digits, `-` and `.`.
  ///
  /// gRPC would allow `_` too, but servers that turn header names into variables (CGI, WSGI) cannot tell it
  /// from `-`, so that `X_Forwarded_For` would be a way around what is done to `X-Forwarded-For`.
  static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let table = nameBytes.utf8Start
    for byte in bytes {
      guard byte < 128, table[Int(byte)] == UInt8(ascii: "1") else { return false }
    }
    return !bytes.isEmpty
  }

  /// For each ASCII byte a `1` if a name may hold it: this is asked of every byte of every name.
  private static let nameBytes: StaticString = """
    0000000000000000000000000000000000000000000001101111111111000000\
    0111111111111111111111111110000001111111111111111111111111100000
    """

  /// `text` without its first `count` bytes, lower-cased; the same string when nothing changes.
  static func lowercased(_ text: String, droppingFirst count: Int = 0) -> String {
    let hasUpper = text.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    if count == 0, !hasUpper { return text }
    return withBytes(text) { bytes in
      let rest = bytes.dropFirst(count)
      return String(unsafeUninitializedCapacity: rest.count) { target in
        for (index, byte) in rest.enumerated() { target[index] = lowercased(byte) }
        return rest.count
      }
    }
  }
}
