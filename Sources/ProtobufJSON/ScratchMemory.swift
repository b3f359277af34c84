/// Memory for one string at a time, allocated when it is first needed.
struct ScratchMemory: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>?
  private var capacity = 0

  init() {}

  deinit { base?.deallocate() }

  /// Room for `count` bytes; what stood there before is gone.
  mutating func memory(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    if let base, count <= capacity { return base }
    base?.deallocate()
    capacity = max(count, 256)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    base = memory
    return memory
  }
}
