public import NIOCore
public import NIOHPACK

/// Receives what the upstream answers to one call, always on the call's event loop.
///
/// Any method of the call may be called from within these, `cancel()` too; after `cancel()` nothing more comes.
public protocol UpstreamCallDelegate: AnyObject {
  /// The upstream's initial metadata, `:status` among it. Not called for a trailers-only answer.
  func upstreamInitialMetadataReceived(_ headers: HPACKHeaders)

  /// One whole gRPC message, without its prefix, inflated. Every message has to be given back by
  /// `UpstreamCall.consumed(_:messages:)`, or the stream's window closes and nothing more comes.
  func upstreamMessageReceived(_ message: ByteBuffer)

  /// `UpstreamCall.isWritable` has changed.
  func upstreamWritabilityChanged(_ writable: Bool)

  /// The call is over; exactly once, and last.
  func upstreamFinished(_ end: CallEnd)
}
