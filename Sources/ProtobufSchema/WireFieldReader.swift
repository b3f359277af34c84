/// Steps over the fields of a serialized message at start-up; every length is checked against what is there.
///
/// For the few messages that are read without generated code: options, and what server reflection answers.
package struct WireFieldReader {
  package struct Malformed: Error {}

  package struct Field {
    package let number: Int
    /// The bytes of a length-delimited field, nil for any other wire type.
    package let payload: ArraySlice<UInt8>?
    /// The value of a varint, nil for any other wire type.
    package let varint: UInt64?
  }

  private var rest: ArraySlice<UInt8>

  package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field. Groups are stepped over field by field: no message of ours is one or has one around it.
  package mutating func next() throws(Malformed) -> Field? {
    while !rest.isEmpty {
      let tag = try varint()
      guard let number = Int(exactly: tag >> 3), number > 0, let type = WireType(rawValue: UInt8(tag & 7)) else {
        throw Malformed()
      }
      switch type {
      case .varint: return Field(number: number, payload: nil, varint: try varint())
      case .fixed64: _ = try take(8)
      case .fixed32: _ = try take(4)
      case .startGroup, .endGroup: continue
      case .lengthDelimited: return Field(number: number, payload: try take(varint()), varint: nil)
      }
      return Field(number: number, payload: nil, varint: nil)
    }
    return nil
  }

  /// The bytes as text; bytes that are no UTF-8 are a fault.
  static func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
    return text
  }

  private mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Malformed()
  }

  private mutating func take(_ count: UInt64) throws(Malformed) -> ArraySlice<UInt8> {
    guard count <= UInt64(rest.count), let count = Int(exactly: count) else { throw Malformed() }
    let taken = rest.prefix(count)
    rest = rest.dropFirst(count)
    return taken
  }
}
