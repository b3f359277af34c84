import Compression
import HTTPNegotiation
import NIOCore
import ProtobufJSON

/// The zlib state of one event loop's answers.
///
/// Whole bodies are compressed one at a time, so they share one state for each coding (262 KiB, taken at the first).
/// A stream keeps its own as long as it is open, 70 KiB; what streams have given back is kept for later ones, up to
/// `maximumKept`.
final class AnswerCompression {
  /// 16, so 1.1 MiB: what was beyond that was a burst.
  static let maximumKept = 16

  private let policy: CompressionPolicy
  private var wholeGzip: Deflater?
  private var wholeDeflate: Deflater?
  private var kept: [StreamDeflater] = []
  private(set) var openStreams = 0
  private var latest: (text: String, accepted: AcceptedCodings)?

  init(policy: CompressionPolicy) {
    self.policy = policy
  }

  var isEnabled: Bool { policy.isEnabled }

  /// Most callers of a gateway say the same, so the last answer is kept.
  func accepted(by text: String?) -> AcceptedCodings {
    guard policy.isEnabled, let text else { return .anything }
    if let latest, latest.text == text { return latest.accepted }
    let accepted = AcceptedCodings(parsing: text)
    latest = (text, accepted)
    return accepted
  }

  /// The coding for a body of known length and type.
  func coding(for accepted: AcceptedCodings, length: Int, rawContentType: String?) -> ContentCoding {
    guard let best = accepted.best, best != .identity else { return .identity }
    guard accepted.identity else { return best }
    guard length >= policy.minimumBody else { return .identity }
    if let rawContentType, !CompressionPolicy.isCompressible(contentType: rawContentType) { return .identity }
    return best
  }

  /// Appends `body` compressed; false, and nothing appended, where that has failed or would not be shorter.
  ///
  /// - Parameter mustBeShorter: false for a caller that does not take the body as it is.
  func deflate(
    _ body: borrowing OutputBuffer, _ coding: ContentCoding, mustBeShorter: Bool, into output: inout ByteBuffer
  ) -> Bool {
    let start = output.writerIndex
    do {
      switch coding {
      case .identity: return false
      case .gzip:
        if wholeGzip == nil { wholeGzip = try Deflater(.gzip, memory: .shared) }
        wholeGzip?.reset()
        wholeGzip?.deflate(body, flush: .finish, into: &output)
      case .deflate:
        if wholeDeflate == nil { wholeDeflate = try Deflater(.zlib, memory: .shared) }
        wholeDeflate?.reset()
        wholeDeflate?.deflate(body, flush: .finish, into: &output)
      }
    } catch {
      return false
    }
    if mustBeShorter, output.writerIndex - start >= body.count {
      output.moveWriterIndex(to: start)
      return false
    }
    return true
  }

  /// State for a stream that begins; `nil` where it is sent as it is.
  func beginStream(_ accepted: AcceptedCodings, contentType: String?) -> StreamDeflater? {
    guard let best = accepted.best, best != .identity else { return nil }
    if accepted.identity {
      guard openStreams < policy.maximumStreams else { return nil }
      if let contentType, !CompressionPolicy.isCompressible(contentType: contentType) { return nil }
    }
    if let index = kept.lastIndex(where: { $0.coding == best }) {
      openStreams += 1
      return kept.remove(at: index)
    }
    guard let stream = StreamDeflater(best) else { return nil }
    openStreams += 1
    return stream
  }

  func endStream(_ stream: StreamDeflater) {
    openStreams -= 1
    guard kept.count < Self.maximumKept else { return }
    stream.reset()
    kept.append(stream)
  }
}

/// Compresses one streamed answer, so that the caller can inflate every message as soon as it has arrived.
final class StreamDeflater {
  let coding: ContentCoding
  private var deflater: Deflater

  init?(_ coding: ContentCoding) {
    guard coding != .identity, let deflater = try? Deflater(coding == .gzip ? .gzip : .zlib) else { return nil }
    self.coding = coding
    self.deflater = deflater
  }

  func reset() { deflater.reset() }

  /// Room before the bytes of a chunk for its size in hexadecimal digits and CRLF.
  private static let sizeRoom = 18

  /// `data`, compressed up to its last byte, as one chunk of RFC 9112 §7.1; ends the compressed stream if so wanted.
  func chunk(_ data: borrowing OutputBuffer, ends: Bool, allocator: ByteBufferAllocator) -> ByteBuffer {
    var chunk = allocator.buffer(capacity: Self.sizeRoom + data.count / 2 + 64)
    chunk.moveWriterIndex(to: Self.sizeRoom)
    deflater.deflate(data, flush: ends ? .finish : .sync, into: &chunk)
    let size = String(chunk.writerIndex - Self.sizeRoom, radix: 16) + "\r\n"
    chunk.moveReaderIndex(to: Self.sizeRoom - size.utf8.count)
    chunk.setString(size, at: chunk.readerIndex)
    chunk.writeStaticString("\r\n")
    return chunk
  }
}

extension Deflater {
  /// Deflates all of `input` and flushes, in bounded steps.
  fileprivate mutating func deflate(
    _ input: borrowing OutputBuffer, flush: Flush, into output: inout ByteBuffer
  ) {
    input.withBytes { bytes in
      var offset = 0
      var isComplete = false
      while !isComplete {
        let room = min(max((bytes.byteCount - offset) / 2, 256), 64 * 1024)
        output.writeWithOutputRawSpan(minimumWritableBytes: room) { span in
          let step = self.step(bytes.extracting(droppingFirst: offset), flush: flush, into: &span)
          offset += step.consumed
          isComplete = step.isComplete
        }
      }
    }
  }
}
