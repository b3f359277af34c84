public import HTTP2
public import NIOCore
public import NIOHPACK

/// What a script hears.
public enum ScriptedEvent {
  /// The gateway has connected; its preface has not been read yet.
  case connected
  /// A request's header block, whole and decoded.
  case request(StreamID, HPACKHeaders, endStream: Bool)
  /// A DATA frame's payload.
  case data(StreamID, ByteBuffer, endStream: Bool)
  /// Every other frame, also those that were answered automatically.
  case frame(Frame)
  /// The connection is closed.
  case closed
}
