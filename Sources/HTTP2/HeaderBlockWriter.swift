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

  private final class KeptBlock: Sendable {
    /// Keeps the identity from being used again.
    let head: RequestHead
    let generation: Int
    let block: ByteBuffer

    init(head: RequestHead, generation: Int, block: ByteBuffer) {
      self.head = head
      self.generation = generation
      self.block = block
    }
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
  /// - Parameters:
  ///   - definition: what gRPC wants in front of the metadata.
  ///   - metadata: what else only this call has.
  public mutating func write(
    _ head: RequestHead, definition: borrowing LiteralFields = .init(), metadata: borrowing LiteralFields = .init(),
    into buffer: inout ByteBuffer
  ) throws(ConnectionFault) {
    let shared = try block(of: head)
    let count = shared.readableBytes + definition.block.readableBytes + metadata.block.readableBytes
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
      var end = 0
      func append(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyMemory(from: bytes)
        end += bytes.count
      }
      shared.withUnsafeReadableBytes(append)
      definition.block.withUnsafeReadableBytes(append)
      metadata.block.withUnsafeReadableBytes(append)
      return end
    }
  }

  private mutating func block(of head: RequestHead) throws(ConnectionFault) -> ByteBuffer {
    if let latest, latest.head === head, latest.generation == generation { return latest.block }
    if let block = kept[ObjectIdentifier(head)], block.generation == generation {
      latest = block
      return block.block
    }
    return try encode(head)
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
}
