import NIOCore
import NIOHTTP2

/// Answers a client's PINGs and closes the streams it resets, in front of the HTTP/2 handler.
///
/// swift-nio-http2 closes a connection, and with it every call there, at the 200th PING or the 200th
/// RST_STREAM in 30 s, and grpc-swift's transport offers no way to set that. But grpc-go sends a PING
/// with every call while it estimates the bandwidth, which would end its connections at the 199th
/// call; and a gateway resets a stream whenever one of its callers goes away. Here `maximumPerSecond` of
/// these frames are served; what goes beyond is handed on, for swift-nio-http2 to count.
///
/// One limit of swift-nio-http2 remains for each connection, and cannot be set either: 200 stream errors
/// (frames that are wrong for their stream) in 30 s.
final class ControlFrameHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  static let maximumPerSecond = 10_000

  private var filter = ControlFrameFilter()
  private var second = NIODeadline.distantPast
  private var servedInSecond = 0
  private var streams: [HTTP2StreamID: any Channel] = [:]

  /// To be called for each stream channel as it is made, on its event loop.
  static func streamOpened(_ stream: any Channel) throws {
    let handler = try stream.parent?.pipeline.syncOperations.handler(type: ControlFrameHandler.self)
    try handler?.remember(stream)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let output = filter.received(unwrapInboundIn(data), budget: budget(at: .now()))
    servedInSecond += output.taken.count
    if output.passedOn.readableBytes > 0 {
      context.fireChannelRead(wrapInboundOut(output.passedOn))
    }
    if !output.taken.isEmpty {
      serve(output.taken, context)
    }
  }

  private func serve(_ frames: [ControlFrameFilter.Frame], _ context: ChannelHandlerContext) {
    var answers = ByteBuffer()
    for frame in frames {
      switch frame {
      case .ping(let data):
        answers.writeMultipleIntegers(UInt32(0x0000_0806), UInt8(1), UInt32(0), data)
      case .reset(let stream):
        // Of a stream that has ended already nothing is left to be done.
        streams[HTTP2StreamID(Int(stream))]?.close(promise: nil)
      }
    }
    if answers.readableBytes > 0 {
      context.writeAndFlush(wrapOutboundOut(answers), promise: nil)
    }
  }

  private func remember(_ stream: any Channel) throws {
    guard let id = try stream.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) else { return }
    streams[id] = stream
    stream.closeFuture.assumeIsolated().whenComplete { _ in
      self.streams[id] = nil
    }
  }

  private func budget(at now: NIODeadline) -> Int {
    if now - second >= .seconds(1) {
      second = now
      servedInSecond = 0
    }
    return Self.maximumPerSecond - servedInSecond
  }
}
