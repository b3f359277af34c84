/// Compressed bytes that could not be inflated, or memory that could not be had.
public struct CompressionFault: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Hashable {
    /// The bytes are not of the format, or their checksum is wrong.
    case corrupt
    /// The input ended inside the compressed stream.
    case truncated
    /// Bytes follow the end of the compressed stream.
    case trailingBytes
    /// The inflated bytes pass the limit.
    case tooLarge
    /// zlib could not allocate its state.
    case outOfMemory
  }

  public let code: Code

  /// Compressed bytes taken in before the fault was seen, from the start or the last `reset`.
  public let offset: Int

  public let message: String

  init(_ code: Code, at offset: Int, _ message: String) {
    self.code = code
    self.offset = offset
    self.message = message
  }

  public var description: String { "\(message) (at byte \(offset) of the compressed data)" }
}
