public import NIOCore

/// The limits and switches of the HTTP/1.1 side. Every limit has its default and the reason for it here.
public struct FrontEndConfiguration: Sendable {
  /// 4 MiB: gRPC's own default for a message; a larger body would be refused upstream anyway.
  public var maximumRequestBody = 4 * 1024 * 1024
  /// 4 MiB, for each message of a stream; the stream as a whole has no limit.
  public var maximumStreamedMessage = 4 * 1024 * 1024
  /// 32 KiB: room for large cookies and tokens, little enough for 10,000 connections.
  public var maximumHeaderBlock = 32 * 1024
  /// 100 header lines, 8 KiB of target: see `RequestHeadPolicy`.
  public var maximumHeaderCount = 100
  public var maximumTargetLength = 8 * 1024
  /// 64 KiB: what is read and thrown away of a request that was answered early, so that its connection lives on.
  public var maximumDiscardedBody = 64 * 1024
  /// 1 MiB or 2 s: how long a closing connection reads on, so that the caller gets to see the answer.
  public var maximumLingeringBytes = 1024 * 1024
  public var maximumLingeringTime: TimeAmount = .seconds(2)
  /// Which answers are compressed.
  public var compression = CompressionPolicy()
  /// 15 s for a unary call whose caller asks for none, from the moment its request is whole: the upload has limits of
  /// its own. A stream has none.
  public var unaryDeadline: TimeAmount = .seconds(15)
  /// A deadline that a caller asks for is capped here.
  public var maximumDeadline: TimeAmount = .hours(24)
  /// 1 s: initial metadata and then silence decide the status line of a stream.
  public var silenceBeforeHead: TimeAmount = .seconds(1)
  /// 15 s between comments on an idle event stream: under the idle limits of common proxies.
  public var eventStreamKeepAlive: TimeAmount = .seconds(15)
  /// 10 s for a whole request head, from its first byte; for a connection's first head from the accept.
  public var headerTimeout: TimeAmount = .seconds(10)
  /// 75 s without a byte on a kept connection: what nginx does.
  public var keepAliveTimeout: TimeAmount = .seconds(75)
  /// 30 s without a byte of a request body that is awaited.
  public var bodyIdleTimeout: TimeAmount = .seconds(30)
  /// 1 KiB/s after 10 s for a body that is one message: slower than any network that is of use.
  public var minimumBodyRate = 1024
  public var bodyRateGrace: TimeAmount = .seconds(10)
  /// 300 s without a byte of an upload that is a stream, or of an answer that is one.
  public var streamIdleTimeout: TimeAmount = .seconds(300)
  /// 30 s for a caller to take bytes that wait for it (streams: `streamIdleTimeout`).
  public var writeStallTimeout: TimeAmount = .seconds(30)
  /// 32 and 64 KiB: bytes that wait for the caller before the upstream is held back.
  public var writeWatermarkLow = 32 * 1024
  public var writeWatermarkHigh = 64 * 1024
  /// Adds handlers between the socket and HTTP/1.1 to a caller's channel, such as one that shows what goes over it.
  public var prepareChannel: (@Sendable (any Channel) throws -> Void)?

  /// Scripts of which other origins may call; none by default.
  public var cors: CORSPolicy?
  /// Whether `X-HTTP-Method-Override` is looked at.
  public var allowsMethodOverride = false
  /// 10,000 connections of callers: 16 to 25 KB each is 250 MB; never more than the open files allow, less 256.
  public var maximumConnections = 10_000
  /// 1024 calls at once, and as many that wait, for 1 s at most: beyond it more work makes every answer late.
  public var maximumCallsInFlight = 1024
  public var maximumCallsWaiting = 1024
  public var maximumCallWait: TimeAmount = .seconds(1)

  /// 500 ms: while draining, a connection between two requests is kept so long, so that a request that is on its way
  /// is still answered (with `Connection: close`).
  public var drainIdleTimeout: TimeAmount = .milliseconds(500)

  public var webSocket = WebSocketConfiguration()

  public init() {}

  var admissionLimits: AdmissionStateMachine.Limits {
    .init(
      maximumInFlight: maximumCallsInFlight, maximumWaiting: maximumCallsWaiting, maximumWait: maximumCallWait)
  }

  var headPolicy: RequestHeadPolicy {
    RequestHeadPolicy(maximumTargetLength: maximumTargetLength, maximumHeaderCount: maximumHeaderCount)
  }
}
