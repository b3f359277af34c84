import NIOCore
import NIOWebSocket

/// Stands between the frame decoder and the connection's handler once a connection has been upgraded: hands frames to
/// the session, and what the decoder refuses as the fault that it is.
final class WebSocketFrameReceiver: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame

  private let connection: DownstreamConnectionHandler

  init(_ connection: DownstreamConnectionHandler) {
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.session?.frameReceived(unwrapInboundIn(data))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as NIOWebSocketError: connection.session?.faulted(fault(error))
    // Bytes behind a frame that was refused.
    case ByteToMessageDecoderError.dataReceivedInErrorState: break
    default: context.fireErrorCaught(error)
    }
  }

  private func fault(_ error: NIOWebSocketError) -> WebSocketClose {
    switch error {
    case .invalidFrameLength:
      .tooLarge("a message is larger than \(connection.worker.configuration.maximumStreamedMessage) bytes")
    case .fragmentedControlFrame: .protocolError("a control frame may not be fragmented")
    case .multiByteControlFrameLength: .protocolError("a control frame may not be longer than 125 bytes")
    }
  }
}
