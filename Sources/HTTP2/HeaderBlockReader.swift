public import NIOCore
internal import NIOHPACK

/// Puts the fragments of a header block together and decodes it; one for each direction of a connection.
///
/// Every block has to go through here, also those of streams that are gone: HPACK's table is the connection's.
/// A list over the limit is malformed, which is its stream's matter; one far over it, judged while it is decoded (an
/// index octet can stand for 4 KiB), or a block of too many frames or bytes, is the connection's.
public struct HeaderBlockReader: ~Copyable {
  private let maximumBlockBytes: Int
  private let maximumListSize: Int
  private let maximumContinuations: Int
  private var decoder: HPACKDecoder
  private var cache = HeaderBlockCache()
  private var partial = ByteBuffer()
  private var continuations = 0

  public init(limits: ConnectionLimits) {
    // A field costs 32 octets of the list and at least one of the block, so a block longer than the longest list
    // cannot be sound, short of absurd Huffman codes.
    maximumBlockBytes = limits.maximumDecodedHeaderListSize
    maximumListSize = limits.maximumHeaderListSize
    maximumContinuations = limits.maximumContinuations
    decoder = HPACKDecoder(
      allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096,
      maxHeaderListSize: limits.maximumDecodedHeaderListSize)
  }

  /// Lets the sender use a larger dynamic table, as the receiver's SETTINGS allow it; what had been allowed stays so.
  ///
  /// A smaller one comes into force by the sender's own size update (RFC 7541 section 4.2), not here.
  public mutating func tableSizeAllowed(_ size: Int) {
    if size > decoder.maxDynamicTableLength { decoder.maxDynamicTableLength = size }
  }

  /// Takes the fragment of a HEADERS frame.
  ///
  /// - Returns: the list when the block is complete.
  public mutating func headers(_ fragment: ByteBuffer, isComplete: Bool) throws(ConnectionFault) -> HeaderList? {
    guard !isComplete else { return try decode(fragment) }
    partial.clear()
    continuations = 0
    return try keep(fragment)
  }

  /// Takes the fragment of a CONTINUATION frame.
  ///
  /// - Returns: the list when the block is complete.
  public mutating func continuation(_ fragment: ByteBuffer, isComplete: Bool) throws(ConnectionFault) -> HeaderList? {
    continuations += 1
    guard continuations <= maximumContinuations else { throw .headerBlockTooLong }
    _ = try keep(fragment)
    guard isComplete else { return nil }
    defer { partial = ByteBuffer() }
    return try decode(partial)
  }

  private mutating func keep(_ fragment: ByteBuffer) throws(ConnectionFault) -> HeaderList? {
    guard partial.readableBytes + fragment.readableBytes <= maximumBlockBytes else { throw .headerBlockTooLong }
    partial.writeImmutableBuffer(fragment)
    return nil
  }

  private mutating func decode(_ block: ByteBuffer) throws(ConnectionFault) -> HeaderList {
    if let known = cache.list(for: block) { return known }
    let isRepeatable = HeaderBlockShape.leavesTableAlone(block)
    if !isRepeatable { cache.removeAll() }
    var rest = block
    let list: HeaderList
    do {
      list = HeaderList(try decoder.decodeHeaders(from: &rest), maximumSize: maximumListSize)
    } catch {
      throw .headerBlock("\(error)")
    }
    if isRepeatable { cache.remember(list, for: block) }
    return list
  }
}
