public import NIOCore

/// Cuts the bytes of a gRPC stream into messages.
///
///     Length-Prefixed-Message = Compressed-Flag Message-Length Message
///     Compressed-Flag         = 0 / 1        ; 1 byte
///     Message-Length          = 4 bytes, unsigned, big endian
///
/// It is fed the payloads of DATA frames, which may cut a message anywhere, the prefix included, or hold
/// several. A message that lies whole in one payload is handed out as a slice of it, without copying. What is
/// incomplete is copied into memory of its own, so that no read buffer of the connection is kept alive by a
/// few bytes, and that memory grows with what arrives, not with what the prefix promises.
///
/// The length is judged on the prefix, before anything of the message is kept; the inflated length is judged
/// while inflating.
public struct MessageDeframer: ~Copyable {
  /// 4 MiB, the default of the gRPC libraries for a received message.
  public static let defaultMaximumMessageBytes = 4 * 1024 * 1024

  static let prefixBytes = 5

  private let maximumMessageBytes: Int
  private let encoding: MessageEncoding
  /// The start of a message, from its prefix on, that earlier payloads have left.
  private var partial = ByteBuffer()
  /// Known as soon as `partial` holds the whole prefix.
  private var partialPrefix: Prefix?
  private var inflater = MessageInflater()
  private var fault: MessageFault?

  private struct Prefix {
    var isCompressed: Bool
    var length: Int
  }

  public init(
    encoding: MessageEncoding = .identity, maximumMessageBytes: Int = Self.defaultMaximumMessageBytes
  ) {
    self.encoding = encoding
    self.maximumMessageBytes = maximumMessageBytes
  }

  /// Bytes of an incomplete message that are kept, its prefix among them.
  public var bufferedBytes: Int { partial.readableBytes }

  /// Takes the next message from the front of `payload`, after what earlier payloads left.
  ///
  /// Call it until it returns nil; `payload` is empty then. A fault is final: every later call throws it again.
  public mutating func next(from payload: inout ByteBuffer) throws(MessageFault) -> ByteBuffer? {
    if let fault { throw fault }
    do throws(MessageFault) {
      return try take(from: &payload)
    } catch {
      fault = error
      partial = ByteBuffer()
      throw error
    }
  }

  /// Says that the stream is over.
  ///
  /// - Throws: `truncated` when it ended inside a message.
  public func finish() throws(MessageFault) {
    if let fault { throw fault }
    guard partial.readableBytes == 0 else {
      throw MessageFault(.truncated, "the stream ended after \(partial.readableBytes) bytes of a message")
    }
  }

  private mutating func take(from payload: inout ByteBuffer) throws(MessageFault) -> ByteBuffer? {
    if partial.readableBytes > 0 { return try takeAcrossPayloads(from: &payload) }
    guard payload.readableBytes >= Self.prefixBytes else {
      keep(payload.readableBytes, of: &payload)
      return nil
    }
    let prefix = try readPrefix(of: payload)
    guard payload.readableBytes - Self.prefixBytes >= prefix.length else {
      partialPrefix = prefix
      keep(payload.readableBytes, of: &payload)
      return nil
    }
    payload.moveReaderIndex(forwardBy: Self.prefixBytes)
    guard let message = payload.readSlice(length: prefix.length) else { return nil }
    return try inflateIfNeeded(message, prefix)
  }

  private mutating func takeAcrossPayloads(from payload: inout ByteBuffer) throws(MessageFault) -> ByteBuffer? {
    if partialPrefix == nil {
      keep(Self.prefixBytes - partial.readableBytes, of: &payload)
      guard partial.readableBytes == Self.prefixBytes else { return nil }
      partialPrefix = try readPrefix(of: partial)
    }
    guard let prefix = partialPrefix else { return nil }
    keep(Self.prefixBytes + prefix.length - partial.readableBytes, of: &payload)
    guard partial.readableBytes == Self.prefixBytes + prefix.length else { return nil }
    partial.moveReaderIndex(forwardBy: Self.prefixBytes)
    let message = partial
    partial = ByteBuffer()
    partialPrefix = nil
    return try inflateIfNeeded(message, prefix)
  }

  /// Moves up to `count` bytes of `payload` behind those kept already.
  private mutating func keep(_ count: Int, of payload: inout ByteBuffer) {
    guard var piece = payload.readSlice(length: min(count, payload.readableBytes)) else { return }
    partial.writeBuffer(&piece)
  }

  private func readPrefix(of buffer: ByteBuffer) throws(MessageFault) -> Prefix {
    let start = buffer.readerIndex
    guard
      let flag = buffer.getInteger(at: start, as: UInt8.self),
      let length = buffer.getInteger(at: start + 1, as: UInt32.self)
    else { throw MessageFault(.truncated, "the prefix of a message is incomplete") }
    guard flag <= 1 else {
      throw MessageFault(.reservedFlag, "the compressed flag of a message is \(flag), which is reserved")
    }
    guard flag == 0 || encoding != .identity else {
      throw MessageFault(.compressedWithoutEncoding, "a message is compressed, but grpc-encoding names no compression")
    }
    guard length <= maximumMessageBytes else {
      throw MessageFault(.tooLarge, "a message of \(length) bytes is larger than the limit of \(maximumMessageBytes)")
    }
    return Prefix(isCompressed: flag == 1, length: Int(length))
  }

  private mutating func inflateIfNeeded(_ message: ByteBuffer, _ prefix: Prefix) throws(MessageFault) -> ByteBuffer {
    guard prefix.isCompressed else { return message }
    return try inflater.inflate(message, encoding: encoding, maximumBytes: maximumMessageBytes)
  }
}
