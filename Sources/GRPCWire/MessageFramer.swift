internal import Compression
public import NIOCore

/// Writes messages with gRPC's five-byte prefix, compressed if so wanted.
///
/// Each message is compressed by itself ("compression contexts are NOT maintained over message boundaries"),
/// so one framer may serve every stream of an event loop and its zlib memory (262 KiB, taken at the first
/// compressed message) is there once.
public struct MessageFramer: ~Copyable {
  /// Below this, compression costs more than the bytes it saves; such messages go out with flag 0.
  public static let defaultMinimumCompressedBytes = 1024

  private let encoding: MessageEncoding
  private let minimumCompressedBytes: Int
  private var deflater: Deflater?

  public init(
    encoding: MessageEncoding = .identity, minimumCompressedBytes: Int = Self.defaultMinimumCompressedBytes
  ) {
    self.encoding = encoding
    self.minimumCompressedBytes = minimumCompressedBytes
  }

  /// Appends the prefix and the message to `buffer`.
  ///
  /// - Throws: `tooLarge` when the length does not fit the prefix's 32 bits. `buffer` is as it was then.
  public mutating func write(_ message: RawSpan, into buffer: inout ByteBuffer) throws(MessageFault) {
    guard encoding != .identity, message.byteCount >= minimumCompressedBytes, let format = encoding.format else {
      try Self.writeUncompressed(message, into: &buffer)
      return
    }
    let start = buffer.writerIndex
    try Self.writePrefix(length: message.byteCount, isCompressed: true, into: &buffer)
    do throws(CompressionFault) {
      if deflater == nil { deflater = try Deflater(format, memory: .shared) }
    } catch {
      buffer.moveWriterIndex(to: start)
      throw MessageFault(.outOfMemory, error.message)
    }
    deflate(message, into: &buffer)
    let length = buffer.writerIndex - start - MessageDeframer.prefixBytes
    if length >= message.byteCount {
      buffer.moveWriterIndex(to: start)
      try Self.writeUncompressed(message, into: &buffer)
    } else {
      buffer.setInteger(UInt32(truncatingIfNeeded: length), at: start + 1)
    }
  }

  /// Appends the prefix and the message as it is.
  ///
  /// - Throws: `tooLarge` when the length does not fit the prefix's 32 bits. `buffer` is as it was then.
  public static func writeUncompressed(_ message: RawSpan, into buffer: inout ByteBuffer) throws(MessageFault) {
    try writePrefix(length: message.byteCount, isCompressed: false, into: &buffer)
    buffer.writeBytes(message)
  }

  /// Appends only the prefix; the caller writes the `length` bytes after it.
  public static func writePrefix(
    length: Int, isCompressed: Bool, into buffer: inout ByteBuffer
  ) throws(MessageFault) {
    guard let length = UInt32(exactly: length) else {
      throw MessageFault(.tooLarge, "a message of \(length) bytes does not fit gRPC's 32-bit length")
    }
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: MessageDeframer.prefixBytes) { target in
      target.storeBytes(of: isCompressed ? 1 : 0, as: UInt8.self)
      target.storeBytes(of: length.bigEndian, toByteOffset: 1, as: UInt32.self)
      return MessageDeframer.prefixBytes
    }
  }

  private mutating func deflate(_ message: RawSpan, into buffer: inout ByteBuffer) {
    deflater?.reset()
    var offset = 0
    var isComplete = false
    while !isComplete {
      let room = min(max((message.byteCount - offset) / 2, 256), 64 * 1024)
      buffer.writeWithOutputRawSpan(minimumWritableBytes: room) { span in
        let step = deflater?.step(message.extracting(droppingFirst: offset), flush: .finish, into: &span)
        offset += step?.consumed ?? 0
        isComplete = step?.isComplete ?? true
      }
    }
  }
}
