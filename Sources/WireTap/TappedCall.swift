import GRPCWire
import NIOCore

/// One stream of a tapped connection, from its request's headers to its end.
final class TappedCall {
  /// One of the two directions of a stream.
  struct Direction {
    var messages = 0
    var observer = MessageObserver()
    var encoding: String?
    /// Messages that ended in the frame that is under way.
    var inFrame: [TappedMessage] = []
    var hasEnded = false
  }

  let method: String
  let path: String
  let startedAt: NIODeadline
  let isGRPC: Bool
  var client = Direction()
  var server = Direction()
  var httpStatus: Int?

  init(method: String, path: String, startedAt: NIODeadline, isGRPC: Bool) {
    self.method = method
    self.path = path
    self.startedAt = startedAt
    self.isGRPC = isGRPC
  }

  subscript(_ side: TapSide) -> Direction {
    get { side == .client ? client : server }
    _modify {
      if side == .client { yield &client } else { yield &server }
    }
  }

  /// What its incomplete messages take, octets.
  var reservedBytes: Int { client.observer.reservedBytes + server.observer.reservedBytes }
}
