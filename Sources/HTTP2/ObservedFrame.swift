public import NIOCore

/// One frame as somebody sees it who only watches: what it says, and the octets it was made of.
public struct ObservedFrame: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// Anything but DATA.
    case frame(Frame)
    /// A DATA frame, whose data was handed on before: how many octets, and how many of padding.
    case data(length: Int, padding: Int)
    /// It breaks a rule of RFC 9113; the frame behind it is found by its length all the same.
    case faulty(ConnectionFault)
    /// Longer than the observer keeps; not looked into.
    case notRead
  }

  public var header: FrameHeader
  public var content: Content
  /// The frame's first octets, its header among them.
  public var octets: ByteBuffer
  /// Octets of the frame that are not in `octets`.
  public var omittedOctets: Int

  public init(header: FrameHeader, content: Content, octets: ByteBuffer, omittedOctets: Int) {
    self.header = header
    self.content = content
    self.octets = octets
    self.omittedOctets = omittedOctets
  }
}
