internal import NIOCore

/// Recognises header blocks that came before by their bytes.
///
/// A gRPC server's response headers, and its trailers with status 0, become a few index octets after their first use.
/// An entry is good as long as the dynamic table is as it was, so the cache is emptied whenever the table changes.
struct HeaderBlockCache {
  /// Response headers and trailers of a few kinds; a connection rarely has more, and a search stays short.
  static let maximumEntries = 8
  /// Longer blocks are not worth the comparison.
  static let maximumBlockBytes = 64

  private struct Entry {
    let block: [UInt8]
    let list: HeaderList
  }

  private var entries: [Entry] = []
  private var next = 0

  func list(for block: ByteBuffer) -> HeaderList? {
    guard !entries.isEmpty, block.readableBytes <= Self.maximumBlockBytes else { return nil }
    return block.withUnsafeReadableBytes { bytes in
      for entry in entries where entry.block.count == bytes.count && entry.block.elementsEqual(bytes) {
        return entry.list
      }
      return nil
    }
  }

  mutating func remember(_ list: HeaderList, for block: ByteBuffer) {
    guard block.readableBytes <= Self.maximumBlockBytes else { return }
    let entry = Entry(block: Array(block.readableBytesView), list: list)
    if entries.count < Self.maximumEntries {
      entries.append(entry)
    } else {
      entries[next] = entry
      next = (next + 1) % Self.maximumEntries
    }
  }

  mutating func removeAll() {
    guard !entries.isEmpty else { return }
    entries.removeAll(keepingCapacity: true)
    next = 0
  }
}
