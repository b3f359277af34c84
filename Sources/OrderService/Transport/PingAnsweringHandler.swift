import NIOCore

/// Answers a client's PINGs in front of the HTTP/2 handler.
///
/// swift-nio-http2 closes a connection at its 200th PING in 30 s, and grpc-swift's transport offers no way
/// to set that. But grpc-go sends a PING with every call while it estimates the bandwidth, so that
/// limit would end its connections at their 199th call. Here `maximumPerSecond` are answered; what
/// goes beyond is handed on, for swift-nio-http2 to count.
///
/// Two limits of swift-nio-http2 remain, for each connection, and cannot be set either: 200 RST_STREAM
/// frames (cancelled calls) in 30 s, and 200 stream errors in 30 s. Past them the connection is closed with
/// ENHANCE_YOUR_CALM.
final class PingAnsweringHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  static let maximumPerSecond = 10_000

  private var filter = PingFilter()
  private var second = NIODeadline.distantPast
  private var answeredInSecond = 0

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let output = filter.received(unwrapInboundIn(data), budget: budget(at: .now()))
    answeredInSecond += output.pings.count
    if !output.pings.isEmpty {
      var answers = context.channel.allocator.buffer(capacity: output.pings.count * 17)
      for ping in output.pings {
        answers.writeMultipleIntegers(UInt32(0x0000_0806), UInt8(1), UInt32(0), ping)
      }
      context.writeAndFlush(wrapOutboundOut(answers), promise: nil)
    }
    if output.passedOn.readableBytes > 0 {
      context.fireChannelRead(wrapInboundOut(output.passedOn))
    }
  }

  private func budget(at now: NIODeadline) -> Int {
    if now - second >= .seconds(1) {
      second = now
      answeredInSecond = 0
    }
    return Self.maximumPerSecond - answeredInSecond
  }
}
