import GRPCWire
import NIOCore

/// What the access log says of one exchange.
struct AccessRecord {
  /// Wall clock at the end.
  var time: WallTime
  var requestID: String
  var remoteAddress: String
  var method: String
  /// As it came, without the query, which may hold what no log should.
  var path: String
  /// `package.Service/Method`; `nil` where no route was found.
  var rpc: String?
  var status: Int
  var code: GRPCCode?
  var bytesIn: Int
  var bytesOut: Int
  var messagesIn: Int
  var messagesOut: Int
  /// From the call's start to its end upstream.
  var upstreamTime: TimeAmount?
  var totalTime: TimeAmount
}
