import GRPCWire

/// How a session is closed: the code and the text of a Close frame (RFC 6455 §5.5.1, §7.4).
struct WebSocketClose: Error, Equatable {
  var code: UInt16
  var reason: String

  /// The call ended with OK.
  static let normal = WebSocketClose(code: 1000, reason: "")
  /// The gateway stops.
  static let goingAway = WebSocketClose(code: 1001, reason: "the gateway is shutting down")

  static func protocolError(_ reason: String) -> WebSocketClose { WebSocketClose(code: 1002, reason: reason) }
  static let binaryMessage = WebSocketClose(code: 1003, reason: "messages are text: one JSON message each")
  static let invalidText = WebSocketClose(code: 1007, reason: "a text message is not UTF-8")
  static func tooLarge(_ reason: String) -> WebSocketClose { WebSocketClose(code: 1009, reason: reason) }

  /// The call ended with an error: 4000, where an application's own codes begin (§7.4.2), plus the gRPC code.
  static func call(_ code: GRPCCode) -> WebSocketClose {
    WebSocketClose(code: 4000 + UInt16(clamping: code.rawValue), reason: code.name)
  }

  /// The codes that may stand in a Close frame (§7.4.1, §7.4.2); 1004 to 1006 and 1015 never do.
  static func mayBeReceived(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}
