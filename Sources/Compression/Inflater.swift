internal import CZlib

/// Inflates one compressed stream, fed in pieces of any size, into memory of the caller.
///
/// Output comes in steps no larger than the memory offered, so nothing is ever produced ahead of what the
/// caller is ready to hold, and the limit is enforced here: the byte after `maximumBytes` is the fault
/// `tooLarge`, however many more the sender had in mind.
///
/// zlib allocates about 7 KiB for a stream and the 32 KiB window once output passes a step; both are freed
/// with the value.
public struct Inflater: ~Copyable {
  /// What one step did.
  public struct Step: Equatable, Sendable {
    /// Bytes taken from the start of the input; the rest has to be offered again.
    public var consumed: Int
    /// Bytes appended to the output.
    public var produced: Int
    /// Whether the input is used up and no output waits inside. When false, call again with more room.
    public var isDrained: Bool

    public init(consumed: Int, produced: Int, isDrained: Bool) {
      self.consumed = consumed
      self.produced = produced
      self.isDrained = isDrained
    }
  }

  private enum Phase {
    /// Nothing has been fed. Next: `undecided`, `inside`.
    case start
    /// `zlibOrRaw` has seen one byte and needs a second to know which. Next: `inside`.
    case undecided(first: UInt8)
    /// Within the compressed stream. Next: `inside`, `ended`, `failed`.
    case inside
    /// The stream's trailer has been read and was right. More input is a further gzip member or a fault.
    case ended
    /// A fault was thrown; every further step throws it again.
    case failed(CompressionFault)
  }

  private let format: CompressionFormat
  private let maximumBytes: Int
  /// On the heap because zlib's state points back at it.
  private let stream: UnsafeMutablePointer<z_stream>
  private var phase = Phase.start
  private var consumedBytes = 0
  private var producedBytes = 0
  private var endedMembers = 0

  /// - Parameter maximumBytes: how much may come out, from here or from a `reset`, before `tooLarge`.
  public init(_ format: CompressionFormat, maximumBytes: Int = .max) throws(CompressionFault) {
    self.format = format
    self.maximumBytes = max(0, maximumBytes)
    self.stream = .allocate(capacity: 1)
    self.stream.initialize(to: z_stream())
    // 15: the largest window, so that every legal stream can be read; + 16: expect the gzip wrapping.
    let windowBits: Int32 = format == .gzip ? 15 + 16 : 15
    let result = inflateInit2_(self.stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else {
      self.stream.deinitialize(count: 1)
      self.stream.deallocate()
      throw CompressionFault(.outOfMemory, at: 0, "zlib could not start inflating (\(result))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Bytes produced from the start or the last `reset`.
  public var totalProduced: Int { producedBytes }

  /// Makes it ready for another stream of the same format and limit, keeping zlib's memory.
  public mutating func reset() {
    // `zlibOrRaw` may have gone over to the bare form, so the window bits are set again as well.
    inflateReset2(stream, format == .gzip ? 15 + 16 : 15)
    phase = .start
    consumedBytes = 0
    producedBytes = 0
    endedMembers = 0
  }

  /// Inflates from the start of `input` into the free capacity of `output` until one of them is used up.
  ///
  /// What a step produced before it met a fault is not appended.
  public mutating func step(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(CompressionFault) -> Step {
    try input.withUnsafeBytes { (source) throws(CompressionFault) -> Step in
      try output.withUnsafeMutableBytes { (target, count) throws(CompressionFault) -> Step in
        let step = try self.step(source, into: UnsafeMutableRawBufferPointer(rebasing: target[count...]))
        count += step.produced
        return step
      }
    }
  }

  /// Inflates all of `input`, appending to `output`, which grows by bounded steps and never past the limit.
  public mutating func inflate(_ input: RawSpan, appendingTo output: inout [UInt8]) throws(CompressionFault) {
    try input.withUnsafeBytes { (source) throws(CompressionFault) in
      var rest = source
      while true {
        let start = output.count
        let growth = min(max(rest.count * 4, 256), 64 * 1024)
        output.append(contentsOf: repeatElement(0, count: growth))
        var step = Step(consumed: 0, produced: 0, isDrained: true)
        defer { output.removeLast(growth - step.produced) }
        var span = output.mutableSpan
        step = try span.withUnsafeMutableBytes { (target) throws(CompressionFault) -> Step in
          try self.step(rest, into: UnsafeMutableRawBufferPointer(rebasing: target[start...]))
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
        if step.isDrained { return }
      }
    }
  }

  /// Says that the input is over.
  ///
  /// - Throws: `truncated` when the compressed stream is not, or none was fed at all.
  public func finish() throws(CompressionFault) {
    switch phase {
    case .ended: return
    case .failed(let fault): throw fault
    case .start, .undecided, .inside:
      throw CompressionFault(.truncated, at: consumedBytes, "the compressed data ends too early")
    }
  }

  private mutating func step(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(CompressionFault) -> Step {
    do throws(CompressionFault) {
      return try run(input, into: output)
    } catch {
      phase = .failed(error)
      throw error
    }
  }

  private mutating func run(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(CompressionFault) -> Step {
    var done = Step(consumed: 0, produced: 0, isDrained: false)
    while true {
      let inputIsOver = done.consumed == input.count
      switch phase {
      case .failed(let fault):
        throw fault
      case .start:
        if inputIsOver { return done.drained() }
        if format == .zlibOrRaw {
          phase = .undecided(first: input[done.consumed])
          take(1, &done)
        } else {
          phase = .inside
        }
      case .undecided(let first):
        if inputIsOver { return done.drained() }
        try decide(first: first, second: input[done.consumed])
        phase = .inside
      case .ended:
        if inputIsOver { return done.drained() }
        guard format == .gzip else {
          throw CompressionFault(.trailingBytes, at: consumedBytes, "bytes follow the end of the compressed data")
        }
        inflateReset(stream)
        phase = .inside
      case .inside:
        if try !inflateOnce(input, output, &done) { return done }
      }
    }
  }

  /// One call of zlib. Returns false when the step is over.
  private mutating func inflateOnce(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, _ done: inout Step
  ) throws(CompressionFault) -> Bool {
    let allowed = maximumBytes - producedBytes
    // At the limit one byte of room shows whether anything more would come.
    var probe: UInt8 = 0
    let isProbe = allowed == 0 && done.produced < output.count
    let offered = isProbe ? 1 : Swift.min(output.count - done.produced, allowed, Int(Int32.max))
    let available = Swift.min(input.count - done.consumed, Int(Int32.max))
    guard offered > 0 else { return false }

    let source = input.baseAddress.map { $0 + done.consumed }?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: source)
    stream.pointee.avail_in = UInt32(available)
    stream.pointee.avail_out = UInt32(offered)
    let result: Int32
    if isProbe {
      result = withUnsafeMutablePointer(to: &probe) { target in
        stream.pointee.next_out = target
        return CZlib.inflate(stream, Z_NO_FLUSH)
      }
    } else {
      stream.pointee.next_out = output.baseAddress.map { $0 + done.produced }?.assumingMemoryBound(to: UInt8.self)
      result = CZlib.inflate(stream, Z_NO_FLUSH)
    }
    let wasProduced = offered - Int(stream.pointee.avail_out)
    let hasRoomLeft = stream.pointee.avail_out > 0
    take(available - Int(stream.pointee.avail_in), &done)
    // Nothing of the caller's may stay behind in zlib's fields.
    stream.pointee.next_in = nil
    stream.pointee.next_out = nil

    if isProbe, wasProduced > 0 {
      throw CompressionFault(.tooLarge, at: consumedBytes, "inflates to more than \(maximumBytes) bytes")
    }
    done.produced += wasProduced
    producedBytes += wasProduced

    switch result {
    case Z_STREAM_END:
      endedMembers += 1
      phase = .ended
      return true
    case Z_OK, Z_BUF_ERROR:
      // Z_BUF_ERROR only says that no progress was possible: input or room has run out.
      guard hasRoomLeft else { return true }
      done.isDrained = done.consumed == input.count
      return !done.isDrained
    case Z_MEM_ERROR:
      throw CompressionFault(.outOfMemory, at: consumedBytes, "zlib could not allocate its window")
    case Z_NEED_DICT:
      throw CompressionFault(.corrupt, at: consumedBytes, "the compressed data needs a preset dictionary")
    default:
      if endedMembers > 0, stream.pointee.total_in <= 2 {
        throw CompressionFault(.trailingBytes, at: consumedBytes, "bytes follow the end of the compressed data")
      }
      throw CompressionFault(.corrupt, at: consumedBytes, "the compressed data is corrupt")
    }
  }

  /// Tells a zlib header from a bare deflate stream and feeds the byte that was kept for that.
  private mutating func decide(first: UInt8, second: UInt8) throws(CompressionFault) {
    let isZlib = first & 0x0F == 8 && (Int(first) << 8 | Int(second)) % 31 == 0
    if !isZlib { inflateReset2(stream, -15) }
    var byte = first
    var none: UInt8 = 0
    let result = withUnsafeMutablePointer(to: &byte) { source in
      withUnsafeMutablePointer(to: &none) { target in
        stream.pointee.next_in = source
        stream.pointee.avail_in = 1
        // Eight bits hold no whole symbol after a block's header, so no room is needed for them.
        stream.pointee.next_out = target
        stream.pointee.avail_out = 0
        defer {
          stream.pointee.next_in = nil
          stream.pointee.next_out = nil
        }
        return CZlib.inflate(stream, Z_NO_FLUSH)
      }
    }
    guard result == Z_OK || result == Z_BUF_ERROR else {
      throw CompressionFault(.corrupt, at: consumedBytes, "the compressed data is corrupt")
    }
  }

  private mutating func take(_ count: Int, _ done: inout Step) {
    done.consumed += count
    consumedBytes += count
  }
}

extension Inflater.Step {
  fileprivate func drained() -> Self {
    var step = self
    step.isDrained = true
    return step
  }
}
