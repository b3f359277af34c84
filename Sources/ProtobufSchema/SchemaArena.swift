/// Memory that lives as long as its schema and is never written after the schema is published.
final class SchemaArena {
  private var blocks: [UnsafeMutableRawPointer] = []
  private var next: UnsafeMutableRawPointer?
  private var left = 0

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// Room for `count` values, uninitialized. `Element` has no destructor (layouts are plain memory).
  func allocate<Element: BitwiseCopyable>(_ type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
    let memory = take(max(count, 1) * MemoryLayout<Element>.stride)
    return memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  func copy<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafePointer<Element> {
    let memory = allocate(Element.self, count: values.count)
    memory.initialize(from: values, count: values.count)
    return UnsafePointer(memory)
  }

  /// A copy of the bytes, followed by at least eight zero bytes so that whole words can be read over its end.
  func copyPadded(_ bytes: [UInt8]) -> UnsafePointer<UInt8> {
    copy(bytes + [UInt8](repeating: 0, count: 8))
  }

  /// Sixteen-byte aligned, from blocks of at least 64 KiB.
  private func take(_ size: Int) -> UnsafeMutableRawPointer {
    let rounded = (size + 15) & ~15
    if let next, rounded <= left {
      self.next = next + rounded
      left -= rounded
      return next
    }
    let capacity = max(rounded, 65_536)
    let block = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    blocks.append(block)
    if capacity - rounded > left {
      next = block + rounded
      left = capacity - rounded
    }
    return block
  }
}
