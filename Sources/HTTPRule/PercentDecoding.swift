/// Undoes percent encoding (RFC 3986 section 2.1), each byte once, in one of the ways a URL needs.
public enum PercentDecoding: Sendable, Hashable {
  /// Every `%XX` is decoded: one segment of a path.
  case everything
  /// Every `%XX` is decoded except `%2F` and `%2f`, which stay as they came, so that a slash in the result
  /// is one that separated segments: the value of a variable that spans several of them.
  case keepingSlashes
  /// Every `%XX` is decoded and `+` is a space (`application/x-www-form-urlencoded`): the query.
  case form

  /// Appends the decoded bytes of `text` to `output`.
  ///
  /// Throws for a `%` without two hexadecimal digits, naming its offset in `text`; what stood before it has
  /// then been appended.
  public func decode(_ text: RawSpan, appendingTo output: inout [UInt8]) throws(PercentDecodingError) {
    let fault = text.withUnsafeBytes { decode($0, appendingTo: &output) }
    if let fault { throw fault }
  }

  /// Whether decoding would change nothing, so that the bytes can be used where they lie.
  public func isIdentity(on text: RawSpan) -> Bool {
    text.withUnsafeBytes { bytes in
      bytes.allSatisfy { $0 != UInt8(ascii: "%") && (self != .form || $0 != UInt8(ascii: "+")) }
    }
  }

  /// The offset of the first malformed escape comes back instead of being thrown: closures of the standard
  /// library do not carry typed errors everywhere.
  private func decode(
    _ text: UnsafeRawBufferPointer, appendingTo output: inout [UInt8]
  ) -> PercentDecodingError? {
    output.reserveCapacity(output.count + text.count)
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "%") {
        guard index + 2 < text.count, let value = Self.byte(text[index + 1], text[index + 2]) else {
          return PercentDecodingError(offset: index)
        }
        if self == .keepingSlashes, value == UInt8(ascii: "/") {
          output.append(contentsOf: text[index..<index + 3])
        } else {
          output.append(value)
        }
        index += 3
      } else {
        output.append(self == .form && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        index += 1
      }
    }
    return nil
  }

  /// The byte that two hexadecimal digits stand for.
  @inline(__always)
  static func byte(_ high: UInt8, _ low: UInt8) -> UInt8? {
    let (high, low) = (digit(high), digit(low))
    return high | low > 15 ? nil : high << 4 | low
  }

  /// 0 to 15, or 255 for what is no hexadecimal digit.
  @inline(__always)
  private static func digit(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: 255
    }
  }
}

/// A `%` that is not followed by two hexadecimal digits.
public struct PercentDecodingError: Error, Hashable {
  /// Where the `%` stands, in bytes.
  public let offset: Int

  public init(offset: Int) { self.offset = offset }
}
