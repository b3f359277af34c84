internal import Compression
public import NIOCore

/// Inflates whole messages one after the other, all of one encoding; zlib's memory is taken at the first and kept for
/// the next.
public struct MessageInflater: ~Copyable {
  private var inflater: Inflater?

  public init() {}

  /// - Throws: a message that is not of the encoding, or inflates to more than `maximumBytes`.
  public mutating func inflate(
    _ message: ByteBuffer, encoding: MessageEncoding, maximumBytes: Int
  ) throws(MessageFault) -> ByteBuffer {
    do throws(CompressionFault) {
      if inflater == nil {
        guard let format = encoding.format else { return message }
        inflater = try Inflater(format, maximumBytes: maximumBytes)
      }
      return try run(message)
    } catch {
      switch error.code {
      case .tooLarge:
        throw MessageFault(.tooLarge, "a message inflates to more than the limit of \(maximumBytes) bytes")
      case .corrupt, .truncated, .trailingBytes:
        throw MessageFault(.corruptCompression, "a message is not \(encoding.rawValue): \(error.message)")
      case .outOfMemory:
        throw MessageFault(.outOfMemory, error.message)
      }
    }
  }

  private mutating func run(_ message: ByteBuffer) throws(CompressionFault) -> ByteBuffer {
    var rest = message
    var output = ByteBuffer()
    inflater?.reset()
    // Steps grow with what has come out, so that a small message takes little and a bomb is met early.
    var room = min(max(message.readableBytes * 4, 256), 64 * 1024)
    var isDrained = false
    while !isDrained {
      var consumed = 0
      try output.writeWithOutputRawSpan(minimumWritableBytes: room) { (span) throws(CompressionFault) in
        guard let step = try inflater?.step(rest.readableBytesSpan, into: &span) else { return }
        consumed = step.consumed
        isDrained = step.isDrained
      }
      rest.moveReaderIndex(forwardBy: consumed)
      room = min(max(output.readableBytes, room), 256 * 1024)
    }
    try inflater?.finish()
    return output
  }
}
