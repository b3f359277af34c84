public import NIOCore
internal import NIOHPACK

/// Encodes the header blocks of requests; one for each connection.
///
/// The first block of a head puts its fields into HPACK's dynamic table, where the peer has them too from then on; the
/// second is nothing but index octets, and those are kept and copied for every later call. What differs from call to
/// call follows as literals that are not indexed, which leave the table, and so every kept block, as it is.
///
/// Indices count from the newest entry, so a new entry makes all kept blocks stale (`generation`). That has to come
/// to rest: fields go into the table only while there is room, nothing is ever evicted, and a head that comes when
/// the table is full is sent as literals, which are kept as well.
public struct HeaderBlockWriter: ~Copyable {
  /// Routes are finite, but a reload brings new objects for the same ones.
  static let maximumKeptBlocks = 4096
  /// Octets of table we use at most, whatever the peer allows: the protocol's default.
  static let maximumTableSize = 4096

  private struct KeptBlock {
    /// Keeps the identity from being used again.
    let head: RequestHead
    let generation: Int
    let block: ByteBuffer
  }

  private var encoder = HPACKEncoder(allocator: ByteBufferAllocator(), maxDynamicTableSize: maximumTableSize)
  /// What has been put into the table since it was last made smaller.
  private var indexed: Set<String> = []
  private var announcesTableSize = false
  private var generation = 0
  private var kept: [ObjectIdentifier: KeptBlock] = [:]
  private var latest: KeptBlock?

  public init() {}

  /// Follows the peer's HEADER_TABLE_SIZE; a smaller table is announced in the next block (RFC 7541 section 4.2).
  public mutating func peerTableSizeChanged(to size: Int) throws(ConnectionFault) {
    let size = min(size, Self.maximumTableSize)
    guard size != encoder.allowedDynamicTableSize else { return }
    do {
      try encoder.setDynamicTableSize(size)
    } catch {
      throw .poisoned
    }
    indexed.removeAll()
    announcesTableSize = true
    generation += 1
  }

  /// Appends the block of one request.
  ///
  /// - Parameter fields: what only this call has; names in lower case, sound by `FieldSyntax`.
  public mutating func write(
    _ head: RequestHead, _ fields: [(String, String)], into buffer: inout ByteBuffer
  ) throws(ConnectionFault) {
    if let latest, latest.head === head, latest.generation == generation {
      buffer.writeImmutableBuffer(latest.block)
    } else if let block = kept[ObjectIdentifier(head)], block.generation == generation {
      buffer.writeImmutableBuffer(block.block)
      latest = block
    } else {
      buffer.writeImmutableBuffer(try encode(head))
    }
    // A span lends the fields: each element of an array would be retained.
    let fields = fields.span
    for index in fields.indices { Self.writeLiteral(fields[index].0, fields[index].1, into: &buffer) }
  }

  private mutating func encode(_ head: RequestHead) throws(ConnectionFault) -> ByteBuffer {
    let sizeBefore = encoder.dynamicTableSize
    let block: ByteBuffer
    do {
      try encoder.beginEncoding(allocator: ByteBufferAllocator())
      for (name, value) in head.fields { try encode(name, value) }
      block = try encoder.endEncoding()
    } catch {
      throw .poisoned
    }
    if encoder.dynamicTableSize != sizeBefore {
      generation += 1
    } else if !announcesTableSize {
      keep(KeptBlock(head: head, generation: generation, block: block))
    }
    announcesTableSize = false
    return block
  }

  private mutating func encode(_ name: String, _ value: String) throws {
    let field = "\(name):\(value)"
    // Their usual values are in the static table and need no room.
    if name == ":method" || name == ":scheme" || indexed.contains(field) {
      try encoder.append(header: name, value: value)
    } else if encoder.dynamicTableSize + name.utf8.count + value.utf8.count + 32 <= encoder.allowedDynamicTableSize {
      try encoder.append(header: name, value: value)
      indexed.insert(field)
    } else {
      try encoder.appendNonIndexed(header: name, value: value)
    }
  }

  private mutating func keep(_ block: KeptBlock) {
    if kept.count >= Self.maximumKeptBlocks { kept.removeAll() }
    kept[ObjectIdentifier(block.head)] = block
    latest = block
  }

  /// Literal Header Field without Indexing, or Never Indexed, with a literal name, neither in Huffman code
  /// (RFC 7541 sections 6.2.2, 6.2.3).
  static func writeLiteral(_ name: String, _ value: String, into buffer: inout ByteBuffer) {
    // Never Indexed tells intermediaries to keep secrets out of their tables too (section 7.1.3).
    let isSecret =
      switch name.utf8.count {
      case 6: name == "cookie"
      case 13: name == "authorization"
      case 19: name == "proxy-authorization"
      default: false
      }
    let (name, value) = (name.utf8.span.bytes, value.utf8.span.bytes)
    // A length takes at most ten octets; one reservation serves the whole field.
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 21 + name.byteCount + value.byteCount) { target in
      target[0] = isSecret ? 0x10 : 0
      return write(value, at: write(name, at: 1, of: target), of: target)
    }
  }

  /// A string literal (section 5.2) with the Huffman bit clear; returns where it ends.
  private static func write(_ octets: RawSpan, at start: Int, of target: UnsafeMutableRawBufferPointer) -> Int {
    let end = writeLength(octets.byteCount, at: start, of: target)
    octets.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyMemory(from: $0) }
    return end + octets.byteCount
  }

  /// An integer with a 7-bit prefix (section 5.1).
  private static func writeLength(_ length: Int, at start: Int, of target: UnsafeMutableRawBufferPointer) -> Int {
    guard length >= 127 else {
      target[start] = UInt8(truncatingIfNeeded: length)
      return start + 1
    }
    target[start] = 127
    var end = start + 1
    var rest = length - 127
    while rest >= 128 {
      target[end] = UInt8(truncatingIfNeeded: rest & 0x7f | 0x80)
      rest >>= 7
      end += 1
    }
    target[end] = UInt8(truncatingIfNeeded: rest)
    return end + 1
  }
}
