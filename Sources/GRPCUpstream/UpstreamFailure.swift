public import HTTP2

/// Names why the gateway itself ended a call; closed, so that every answer made of it can be listed.
public enum UpstreamFailure: Sendable, Hashable {
  /// No connection could be made, or none in time. Nothing of the call was sent.
  case unreachable
  /// Too many calls wait for a connection or stream, or this one has waited too long. Nothing of it was sent.
  case overloaded
  /// The connection ended while the call was open.
  case connectionLost
  /// The upstream reset the stream.
  case reset(ErrorCode)
  /// The answer is not gRPC: HTTP status, content type, missing status, malformed frames or messages.
  case badResponse
  /// A message beyond the limit, by its prefix or while it was inflated.
  case messageTooLarge
  /// The pool was shut down.
  case shutdown
}
