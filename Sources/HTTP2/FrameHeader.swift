public import NIOCore

/// Describes the frame that follows: the nine bytes in front of every frame (RFC 9113 section 4.1).
///
///     Length (24), Type (8), Flags (8), Reserved (1), Stream Identifier (31)
public struct FrameHeader: Hashable, Sendable {
  /// Bytes on the wire.
  public static let byteCount = 9

  /// Payload bytes that follow, 0 to 2^24 - 1.
  public var length: Int
  public var type: FrameType
  public var flags: FrameFlags
  public var streamID: StreamID

  @inlinable
  public init(length: Int, type: FrameType, flags: FrameFlags = [], streamID: StreamID) {
    self.length = length
    self.type = type
    self.flags = flags
    self.streamID = streamID
  }

  /// Takes nine bytes from the front of `buffer`; nil, and nothing taken, when there are fewer.
  @inlinable
  public init?(readingFrom buffer: inout ByteBuffer) {
    guard let (first, flags, stream) = buffer.readMultipleIntegers(as: (UInt32, UInt8, UInt32).self) else { return nil }
    self.length = Int(first >> 8)
    self.type = FrameType(rawValue: UInt8(truncatingIfNeeded: first))
    self.flags = FrameFlags(rawValue: flags)
    self.streamID = StreamID(stream)
  }

  /// Appends the nine bytes. The length is cut to 24 bits; callers split payloads by the peer's MAX_FRAME_SIZE.
  @inlinable
  public func write(into buffer: inout ByteBuffer) {
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.byteCount) { target in
      store(to: target)
      return Self.byteCount
    }
  }

  /// Puts the nine bytes at the front of `target`, which has room for them.
  @inlinable
  func store(to target: UnsafeMutableRawBufferPointer) {
    let first = UInt32(truncatingIfNeeded: length) << 8 | UInt32(type.rawValue)
    target.storeBytes(of: first.bigEndian, as: UInt32.self)
    target.storeBytes(of: flags.rawValue, toByteOffset: 4, as: UInt8.self)
    target.storeBytes(of: streamID.rawValue.bigEndian, toByteOffset: 5, as: UInt32.self)
  }
}
