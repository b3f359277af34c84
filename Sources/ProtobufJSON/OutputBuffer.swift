/// Holds the bytes of the message being written, in memory that is kept from one message to the next.
///
/// Both directions write here: JSON text when decoding, protobuf wire bytes when encoding. A buffer belongs to
/// one owner and frees its memory when that owner lets go of it; `removeAll()` makes it empty for the next message.
///
/// Writers that know an upper bound ask for it once and then store through the pointer:
///
///     let start = buffer.reserve(20)      // room for 20 bytes, uninitialised
///     let end = writeDigits(value, at: start)
///     buffer.commit(upTo: end)            // `start ..< end` now belongs to the contents
///
/// The pointer is valid until the next call that may grow the buffer.
public struct OutputBuffer: ~Copyable {
  /// Memory beyond this many bytes is given back by `removeAll()`, so that one large message does not stay for ever.
  public static let maximumRetainedCapacity = 1 << 20

  private var base: UnsafeMutableRawPointer
  /// How many bytes have been written.
  public private(set) var count: Int
  /// How many bytes fit before the memory has to grow.
  public private(set) var capacity: Int

  public init(minimumCapacity: Int = 1024) {
    capacity = max(minimumCapacity, 64)
    base = .allocate(byteCount: capacity, alignment: 16)
    count = 0
  }

  deinit {
    base.deallocate()
  }

  @inline(__always)
  public var isEmpty: Bool { count == 0 }

  /// Forgets the contents; the memory stays unless it is larger than `maximumRetainedCapacity`.
  public mutating func removeAll() {
    count = 0
    if capacity > Self.maximumRetainedCapacity {
      base.deallocate()
      capacity = Self.maximumRetainedCapacity
      base = .allocate(byteCount: capacity, alignment: 16)
    }
  }

  /// Cuts the contents back to their first `newCount` bytes; a length that is not shorter changes nothing.
  @inline(__always)
  public mutating func truncate(to newCount: Int) {
    if newCount < count { count = max(newCount, 0) }
  }

  /// Makes room for `additional` more bytes and returns where they go.
  @inline(__always)
  @discardableResult
  package mutating func reserve(_ additional: Int) -> UnsafeMutablePointer<UInt8> {
    if additional > capacity &- count { grow(by: additional) }
    return (base + count).assumingMemoryBound(to: UInt8.self)
  }

  /// Takes what was written from the pointer that `reserve` returned, up to `end`, into the contents.
  @inline(__always)
  package mutating func commit(upTo end: UnsafeMutablePointer<UInt8>) {
    count = UnsafeMutableRawPointer(end) - base
    assert(count <= capacity, "more was written than was reserved")
  }

  /// Takes `written` bytes, stored at the pointer that `reserve` returned, into the contents.
  @inline(__always)
  package mutating func commit(_ written: Int) {
    count &+= written
    assert(count <= capacity, "more was written than was reserved")
  }

  @inline(never)
  private mutating func grow(by additional: Int) {
    let needed = count + additional
    let newCapacity = max(needed, capacity + capacity)
    let newBase = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
    newBase.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = newBase
    capacity = newCapacity
  }

  @inline(__always)
  public mutating func append(_ byte: UInt8) {
    reserve(1).pointee = byte
    count &+= 1
  }

  @inline(__always)
  public mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    UnsafeMutableRawPointer(reserve(bytes.count)).copyMemory(from: source, byteCount: bytes.count)
    count &+= bytes.count
  }

  public mutating func append(contentsOf bytes: RawSpan) {
    bytes.withUnsafeBytes { append(contentsOf: $0) }
  }

  public mutating func append(contentsOf text: StaticString) {
    // A static string of one scalar has no pointer; its buffer form covers both representations.
    text.withUTF8Buffer { append(contentsOf: UnsafeRawBufferPointer($0)) }
  }

  public mutating func append(contentsOf text: String) {
    var text = text
    text.withUTF8 { append(contentsOf: UnsafeRawBufferPointer($0)) }
  }

  /// Opens a gap of `length` bytes before the byte at `index`, moving what follows; the gap's bytes are undefined
  /// until they are patched. Costs a copy of what follows: meant for lengths that need more bytes than were set aside.
  package mutating func openGap(at index: Int, length: Int) {
    precondition(index >= 0 && index <= count && length >= 0)
    reserve(length)
    (base + index + length).copyMemory(from: base + index, byteCount: count - index)
    count &+= length
  }

  /// Takes the bytes `start ..< end` out of the contents, moving what follows.
  package mutating func closeGap(from start: Int, to end: Int) {
    precondition(start >= 0 && start <= end && end <= count)
    (base + start).copyMemory(from: base + end, byteCount: count - end)
    count &-= end - start
  }

  /// The written bytes from `index` on, for patching; valid until the buffer grows.
  @inline(__always)
  package func pointer(at index: Int) -> UnsafeMutablePointer<UInt8> {
    (base + index).assumingMemoryBound(to: UInt8.self)
  }

  /// Lends the contents for the duration of `body`.
  @inline(__always)
  public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Lends the contents as a span for the duration of `body`.
  @inline(__always)
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count).bytes)
  }

  /// A copy of the contents.
  public var array: [UInt8] {
    withUnsafeBytes { [UInt8]($0) }
  }
}

/// The memory has one owner at a time, which may be on any thread.
extension OutputBuffer: @unchecked Sendable {}
