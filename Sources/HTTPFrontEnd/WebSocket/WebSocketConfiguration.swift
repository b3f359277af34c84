public import NIOCore

/// The limits and switches of WebSocket sessions. A message may be as long as one of a streamed upload
/// (`FrontEndConfiguration.maximumStreamedMessage`), and a session as silent as any stream.
public struct WebSocketConfiguration: Sendable {
  /// Origins (`https://app.example.com`) whose pages may open a session beside those of the gateway's own host;
  /// `*` stands for all. Empty: a page of another site could otherwise act with its visitor's cookies.
  public var allowedOrigins: [String] = []
  /// 30 s between pings: under the idle limits of common proxies. 0: none.
  public var pingInterval: TimeAmount = .seconds(30)
  /// 30 s for any byte after a ping, so that a caller that vanished is noticed within a minute. 0: for ever.
  public var pongTimeout: TimeAmount = .seconds(30)
  /// 5 s for the caller's half of the closing handshake, once everything before it is written.
  public var closeTimeout: TimeAmount = .seconds(5)
  /// 1024 fragments of one message: 4 KiB each for the largest; more is a message cut to shreds.
  public var maximumFragments = 1024

  public init() {}
}
