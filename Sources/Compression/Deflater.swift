internal import CZlib

/// Deflates one stream, fed in pieces of any size, into memory of the caller.
///
/// A stream of messages is flushed after each one (`Flush.sync`), so that the reader can inflate every byte
/// fed so far; the last piece ends the stream (`Flush.finish`).
public struct Deflater: ~Copyable {
  /// What is to be written out after the input.
  public enum Flush: Sendable, Hashable {
    /// Nothing: zlib may keep bytes back for a better ratio.
    case none
    /// Everything fed so far, on a byte boundary; 5 bytes dearer than `none`.
    case sync
    /// Everything, and the format's trailer.
    case finish
  }

  /// How much memory a stream gets. zlib needs `2^(windowBits + 2) + 2^(memLevel + 9)` bytes and about 6 KiB.
  public enum Memory: Sendable, Hashable {
    /// 70 KiB (8 KiB window, memLevel 6), for the many streams of a server that are open at the same time.
    case perStream
    /// 262 KiB (32 KiB window, memLevel 8: zlib's own default), for one that is reset between whole texts.
    case shared

    fileprivate var windowBits: Int32 { self == .perStream ? 13 : 15 }
    fileprivate var memLevel: Int32 { self == .perStream ? 6 : 8 }
  }

  /// What one step did.
  public struct Step: Equatable, Sendable {
    /// Bytes taken from the start of the input; the rest has to be offered again.
    public var consumed: Int
    /// Bytes appended to the output.
    public var produced: Int
    /// Whether the input is used up and the flush complete. When false, call again with more room.
    public var isComplete: Bool

    public init(consumed: Int, produced: Int, isComplete: Bool) {
      self.consumed = consumed
      self.produced = produced
      self.isComplete = isComplete
    }
  }

  /// The least room `step` works with: zlib repeats a flush marker for ever when offered less than it takes.
  public static let minimumOutputBytes = 16

  /// zlib's scale from 1 to 9. 4 is the first that looks for a better match one byte on.
  public static let defaultLevel: Int32 = 4

  /// On the heap because zlib's state points back at it.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isFinished = false

  public init(
    _ format: CompressionFormat, memory: Memory = .perStream, level: Int32 = Self.defaultLevel
  ) throws(CompressionFault) {
    self.stream = .allocate(capacity: 1)
    self.stream.initialize(to: z_stream())
    let windowBits = memory.windowBits + (format == .gzip ? 16 : 0)
    let result = deflateInit2_(
      self.stream, min(max(level, 1), 9), Z_DEFLATED, windowBits, memory.memLevel, Z_DEFAULT_STRATEGY,
      ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else {
      self.stream.deinitialize(count: 1)
      self.stream.deallocate()
      throw CompressionFault(.outOfMemory, at: 0, "zlib could not start deflating (\(result))")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Makes it ready for another stream of the same format, keeping zlib's memory.
  public mutating func reset() {
    deflateReset(stream)
    isFinished = false
  }

  /// Deflates from the start of `input` into the free capacity of `output`, at least `minimumOutputBytes`.
  ///
  /// The same `flush` has to be given until `isComplete`. After a complete `finish` nothing more is produced
  /// until `reset`.
  public mutating func step(_ input: RawSpan, flush: Flush, into output: inout OutputRawSpan) -> Step {
    input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target, count in
        let free = UnsafeMutableRawBufferPointer(rebasing: target[count...])
        let step = self.step(source, flush: flush, into: free)
        count += step.produced
        return step
      }
    }
  }

  /// Deflates all of `input` and flushes, appending to `output`.
  public mutating func deflate(_ input: RawSpan, flush: Flush, appendingTo output: inout [UInt8]) {
    input.withUnsafeBytes { source in
      var rest = source
      while true {
        let start = output.count
        let growth = min(max(rest.count / 2, 64), 64 * 1024)
        output.append(contentsOf: repeatElement(0, count: growth))
        let step = output.withUnsafeMutableBytes { target in
          self.step(rest, flush: flush, into: UnsafeMutableRawBufferPointer(rebasing: target[start...]))
        }
        output.removeLast(growth - step.produced)
        rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
        if step.isComplete { return }
      }
    }
  }

  private mutating func step(
    _ input: UnsafeRawBufferPointer, flush: Flush, into output: UnsafeMutableRawBufferPointer
  ) -> Step {
    precondition(output.count >= Self.minimumOutputBytes, "a deflater needs room for its flush marker")
    if isFinished { return Step(consumed: input.count, produced: 0, isComplete: true) }
    let available = min(input.count, Int(Int32.max))
    let offered = min(output.count, Int(Int32.max))
    let source = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: source)
    stream.pointee.avail_in = UInt32(available)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(offered)
    // A piece that had to be cut to zlib's 32-bit counts is not the last one yet.
    let flushCode = available < input.count ? Z_NO_FLUSH : flush.code
    let result = CZlib.deflate(stream, flushCode)
    let consumed = available - Int(stream.pointee.avail_in)
    let produced = offered - Int(stream.pointee.avail_out)
    let hasRoomLeft = stream.pointee.avail_out > 0
    // Nothing of the caller's may stay behind in zlib's fields.
    stream.pointee.next_in = nil
    stream.pointee.next_out = nil
    if result == Z_STREAM_END { isFinished = true }
    let isFlushed = flush == .finish ? isFinished : hasRoomLeft
    return Step(consumed: consumed, produced: produced, isComplete: consumed == input.count && isFlushed)
  }
}

extension Deflater.Flush {
  fileprivate var code: Int32 {
    switch self {
    case .none: Z_NO_FLUSH
    case .sync: Z_SYNC_FLUSH
    case .finish: Z_FINISH
    }
  }
}
