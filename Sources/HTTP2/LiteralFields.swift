public import NIOCore

/// The header fields that only one request has, encoded as they are added: literals that no table keeps, neither name
/// nor value in Huffman code (RFC 7541 sections 6.2.2, 6.2.3).
///
/// They differ from request to request, so that a table would only lose what does repeat to them. Encoded at once they
/// are one buffer, which is copied into the frame, where a list of strings would be counted, and freed, one by one.
public struct LiteralFields: Sendable, Equatable {
  /// Part of a header block; whole fields.
  public private(set) var block = ByteBuffer()

  public init() {}

  /// - Parameter fields: names in lower case, sound by `FieldSyntax`.
  public init(_ fields: some Sequence<(String, String)>) {
    for (name, value) in fields { append(name, value) }
  }

  /// The memory it has, bytes.
  public var capacity: Int { block.capacity }

  /// Makes room for so many bytes of fields.
  public mutating func reserveCapacity(_ bytes: Int) { block.reserveCapacity(bytes) }

  /// Adds a field; the name in lower case, both sound by `FieldSyntax`.
  public mutating func append(_ name: String, _ value: String) {
    append(name.utf8.span, value.utf8.span, lowering: false)
  }

  /// Adds a field whose name may have upper case, which HTTP/2 does not (RFC 9113 section 8.2.1).
  public mutating func append(lowercasing name: Span<UInt8>, _ value: Span<UInt8>) {
    append(name, value, lowering: true)
  }

  @inline(__always)
  private mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>, lowering: Bool) {
    // A length takes at most ten octets; one reservation serves the whole field.
    block.writeWithUnsafeMutableBytes(minimumWritableBytes: 21 + name.count + value.count) { target in
      guard let start = target.baseAddress else { return 0 }
      let nameStart = Self.write(length: name.count, at: start + 1)
      let nameEnd = Self.write(name, at: nameStart)
      let written = UnsafeMutableRawBufferPointer(start: nameStart, count: name.count)
      if lowering {
        for index in written.indices where written[index] &- UInt8(ascii: "A") < 26 { written[index] |= 0x20 }
      }
      // Never Indexed tells intermediaries to keep secrets out of their tables too (section 7.1.3).
      start.storeBytes(of: Self.isSecret(UnsafeRawBufferPointer(written)) ? 0x10 : 0, as: UInt8.self)
      return Self.write(value, at: Self.write(length: value.count, at: nameEnd)) - start
    }
  }

  /// Takes all out; the memory stays, unless somebody else has it too.
  public mutating func removeAll() { block.clear() }

  /// Takes out the fields whose names say so.
  public mutating func removeAll(where isRemoved: (_ name: String) -> Bool) {
    var kept = LiteralFields()
    for (name, value) in entries where !isRemoved(name) { kept.append(name, value) }
    self = kept
  }

  /// What was added, decoded again.
  public var entries: [(name: String, value: String)] {
    var rest = block
    var entries: [(String, String)] = []
    while rest.readInteger(as: UInt8.self) != nil, let name = Self.readString(from: &rest),
      let value = Self.readString(from: &rest)
    {
      entries.append((name, value))
    }
    return entries
  }

  private static func isSecret(_ name: UnsafeRawBufferPointer) -> Bool {
    func isName(_ secret: StaticString) -> Bool {
      name.elementsEqual(UnsafeRawBufferPointer(start: secret.utf8Start, count: secret.utf8CodeUnitCount))
    }
    return switch name.count {
    case 6: isName("cookie")
    case 13: isName("authorization")
    case 19: isName("proxy-authorization")
    default: false
    }
  }

  /// An integer with a 7-bit prefix (section 5.1), the Huffman bit before it clear (section 5.2); returns where it ends.
  @inline(__always)
  private static func write(length: Int, at start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    guard length >= 127 else {
      start.storeBytes(of: UInt8(truncatingIfNeeded: length), as: UInt8.self)
      return start + 1
    }
    start.storeBytes(of: 127, as: UInt8.self)
    var end = start + 1
    var rest = length - 127
    while rest >= 128 {
      end.storeBytes(of: UInt8(truncatingIfNeeded: rest & 0x7f | 0x80), as: UInt8.self)
      rest >>= 7
      end += 1
    }
    end.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    return end + 1
  }

  @inline(__always)
  private static func write(_ octets: Span<UInt8>, at start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    octets.withUnsafeBufferPointer { octets in
      if let source = octets.baseAddress { start.copyMemory(from: source, byteCount: octets.count) }
    }
    return start + octets.count
  }

  private static func readString(from buffer: inout ByteBuffer) -> String? {
    guard var length = buffer.readInteger(as: UInt8.self).map(Int.init) else { return nil }
    var shift = 0
    while length >= 127, let octet = buffer.readInteger(as: UInt8.self) {
      length += Int(octet & 0x7f) << shift
      shift += 7
      if octet & 0x80 == 0 { break }
    }
    return buffer.readString(length: length)
  }
}
