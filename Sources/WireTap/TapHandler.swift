public import NIOCore

/// Shows the bytes of the channel it is in, in both directions, and lets them pass.
public final class TapHandler: ChannelDuplexHandler {
  public typealias InboundIn = ByteBuffer
  public typealias InboundOut = ByteBuffer
  public typealias OutboundIn = ByteBuffer
  public typealias OutboundOut = ByteBuffer

  private let connection: TappedConnection
  /// Who is at the other end of the socket.
  private let peer: TapSide

  public init(_ connection: TappedConnection, peer: TapSide) {
    self.connection = connection
    self.peer = peer
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.received(unwrapInboundIn(data), from: peer)
    context.fireChannelRead(data)
  }

  public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    connection.received(unwrapOutboundIn(data), from: peer.other)
    context.write(data, promise: promise)
  }

  public func channelInactive(context: ChannelHandlerContext) {
    connection.closed()
    context.fireChannelInactive()
  }
}
