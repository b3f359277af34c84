import NIOCore
import NIOHPACK
import NIOHTTP2

/// Lets an answer be compressed exactly when its request was, and in the same way.
///
/// grpc-swift's transport compresses every answer whose caller accepts it, and grpcio always says that it
/// does: each small message of a long stream would go through zlib by itself. So what the caller accepts is
/// narrowed, in front of the transport, to the encoding it uses. This is what grpc-go does by default.
final class ResponseEncodingHandler: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .headers(var head) = unwrapInboundIn(data) else {
      context.fireChannelRead(data)
      return
    }
    Self.narrow(&head.headers)
    context.fireChannelRead(wrapInboundOut(.headers(head)))
  }

  static func narrow(_ headers: inout HPACKHeaders) {
    let accepted = headers[canonicalForm: "grpc-accept-encoding"]
    guard !accepted.isEmpty else { return }
    headers.remove(name: "grpc-accept-encoding")
    if let used = headers.first(name: "grpc-encoding"), used != "identity", accepted.contains(used) {
      headers.add(name: "grpc-accept-encoding", value: used)
    }
  }
}
