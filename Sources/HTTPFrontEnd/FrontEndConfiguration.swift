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
  /// 15 s for a call with one answer; a stream has none.
  public var unaryDeadline: TimeAmount = .seconds(15)
  /// A deadline that a caller asks for is capped here.
  public var maximumDeadline: TimeAmount = .hours(24)
  /// 1 s: initial metadata and then silence decide the status line of a stream.
  public var silenceBeforeHead: TimeAmount = .seconds(1)
  /// 15 s between comments on an idle event stream: under the idle limits of common proxies.
  public var eventStreamKeepAlive: TimeAmount = .seconds(15)
  /// 10 s for a whole request head, from its connection's first byte or the end of the exchange before.
  public var headerTimeout: TimeAmount = .seconds(10)
  /// 75 s without a request on a kept connection: what nginx does.
  public var keepAliveTimeout: TimeAmount = .seconds(75)
  /// 30 s without a byte of a request body that is awaited.
  public var bodyIdleTimeout: TimeAmount = .seconds(30)
  /// 300 s without a byte of an upload that is a stream, or of an answer that is one.
  public var streamIdleTimeout: TimeAmount = .seconds(300)
  /// 30 s for a caller to take bytes that wait for it (streams: `streamIdleTimeout`).
  public var writeStallTimeout: TimeAmount = .seconds(30)
  /// 32 and 64 KiB: bytes that wait for the caller before the upstream is held back.
  public var writeWatermarkLow = 32 * 1024
  public var writeWatermarkHigh = 64 * 1024

  /// Scripts of which other origins may call; none by default.
  public var cors: CORSPolicy?
  /// Whether `X-HTTP-Method-Override` is looked at.
  public var allowsMethodOverride = false

  public init() {}

  var headPolicy: RequestHeadPolicy {
    RequestHeadPolicy(maximumTargetLength: maximumTargetLength, maximumHeaderCount: maximumHeaderCount)
  }
}
