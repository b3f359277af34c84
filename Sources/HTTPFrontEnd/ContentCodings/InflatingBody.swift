import Compression
import HTTPNegotiation
import NIOCore

/// A compressed request body on its way to what it stands for.
///
/// Compressed bytes are kept as they came and inflated a step at a time, when there is someone to take the step: a
/// caller whose upload is held back is not inflated ahead either. One read's worth of compressed bytes is all that is
/// ever kept, since reading pauses until it is used up.
struct InflatingBody: ~Copyable {
  /// 64 KiB, however much a sender has packed into how little.
  static let maximumStep = 64 * 1024
  /// 256 KiB of output in one turn of the event loop, a millisecond's work; then the others have theirs.
  static let maximumTurn = 256 * 1024

  let coding: ContentCoding
  private var inflater: Inflater
  private var input = ByteBuffer()
  private var isEmpty = true
  /// Nothing waits, neither compressed bytes nor what zlib still holds of them.
  private(set) var isDrained = true
  /// The request has ended; only what waits is left.
  private(set) var hasEnded = false

  init(_ coding: ContentCoding) throws(CompressionFault) {
    self.coding = coding
    inflater = try Inflater(coding == .gzip ? .gzip : .zlibOrRaw)
  }

  mutating func append(_ bytes: ByteBuffer) {
    guard bytes.readableBytes > 0 else { return }
    isEmpty = false
    isDrained = false
    if input.readableBytes == 0 { input = bytes } else { input.writeImmutableBuffer(bytes) }
  }

  /// The next step of output, which may be empty; `nil` when there is nothing to inflate.
  mutating func next() throws(CompressionFault) -> ByteBuffer? {
    guard !isDrained else { return nil }
    var output = ByteBuffer()
    let room = min(max(input.readableBytes * 4, 1024), Self.maximumStep)
    var consumed = 0
    var isDrained = false
    let input = input
    try output.writeWithOutputRawSpan(minimumWritableBytes: room) { (span) throws(CompressionFault) in
      let step = try inflater.step(input.readableBytesSpan, into: &span)
      consumed = step.consumed
      isDrained = step.isDrained
    }
    self.input.moveReaderIndex(forwardBy: consumed)
    if self.input.readableBytes == 0 { self.input = ByteBuffer() }
    self.isDrained = isDrained
    return output
  }

  mutating func end() { hasEnded = true }

  /// Says that nothing follows. No bytes at all stand for an empty body: there was nothing to compress.
  ///
  /// - Throws: `truncated` when the compressed stream is not over.
  func finish() throws(CompressionFault) {
    if !isEmpty { try inflater.finish() }
  }
}
