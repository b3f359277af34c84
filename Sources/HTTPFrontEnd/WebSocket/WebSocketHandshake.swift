import ErrorBody
import NIOHTTP1

/// What a request head asks for that would open a WebSocket session (RFC 6455 §4.2.1), once it has been found sound.
///
/// Extensions are not looked at: none is offered, `permessage-deflate` among them, so none is agreed on.
struct WebSocketHandshake: Equatable {
  /// The token of the subprotocol pair `bearer, <token>`: browsers let a page set no header of a handshake, but they
  /// let it name subprotocols.
  var bearerToken: String?

  /// Whether a head asks for WebSocket at all. RFC 9110 §7.8: in HTTP/1.0 it cannot.
  static func isAskedFor(by head: HTTPRequestHead, _ facts: RequestHeadFacts) -> Bool {
    facts.asksForUpgrade && !facts.isHTTP10
      && head.headers.contains { $0.name.equalsIgnoringCase("upgrade") && $0.value.listContainsToken("websocket") }
  }

  init(_ head: HTTPRequestHead, _ facts: RequestHeadFacts, origins: WebSocketOriginPolicy) throws(Refusal) {
    var lines = Lines()
    for (name, value) in head.headers { lines.add(name, value) }
    guard head.method == .GET, !facts.hasBody else { throw Self.refusal("a WebSocket handshake is a GET without body") }
    guard lines.connectionNamesUpgrade else { throw Self.refusal("the Connection header does not name Upgrade") }
    guard lines.versions == ["13"] else {
      // RFC 6455 §4.4 says what is spoken; RFC 9110 §15.5.22 that a 426 names the protocol.
      throw Refusal(
        GatewayError(downstream: "Sec-WebSocket-Version must be 13", httpStatus: 426),
        headers: [("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket"), ("Connection", "Upgrade")])
    }
    guard lines.keys.count == 1, Self.isKey(lines.keys[0]) else {
      throw Self.refusal("Sec-WebSocket-Key must be 16 bytes in base64")
    }
    guard lines.origins.isEmpty || lines.origins.count == 1 && origins.allows(lines.origins[0], host: facts.host) else {
      throw Refusal(
        GatewayError(downstream: "the Origin is neither this host nor an allowed one", httpStatus: 403))
    }
    guard let bearer = lines.protocols.firstIndex(of: "bearer") else { return }
    guard bearer + 1 < lines.protocols.count else {
      throw Self.refusal("the subprotocol \"bearer\" must be followed by the token")
    }
    guard !lines.hasAuthorization else {
      throw Self.refusal("both an Authorization header and a bearer token as subprotocol")
    }
    bearerToken = String(lines.protocols[bearer + 1])
  }

  /// The head as metadata is made of it.
  func withAuthorization(_ head: HTTPRequestHead) -> HTTPRequestHead {
    guard let bearerToken else { return head }
    var head = head
    head.headers.add(name: "Authorization", value: "Bearer \(bearerToken)")
    return head
  }

  private static func refusal(_ message: String) -> Refusal {
    Refusal(GatewayError(downstream: message, httpStatus: 400))
  }

  /// 16 bytes are 22 digits and two `=`; the last digit holds two bits.
  private static func isKey(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 24, bytes[22] == UInt8(ascii: "="), bytes[23] == UInt8(ascii: "=") else { return false }
    let digits = bytes[..<22].allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
      default: false
      }
    }
    return digits && "AQgw".utf8.contains(bytes[21])
  }

  /// The header lines that a handshake is judged by.
  private struct Lines {
    var connectionNamesUpgrade = false
    var hasAuthorization = false
    var versions: [String] = []
    var keys: [String] = []
    var origins: [String] = []
    /// In the order of the lines; they are compared with their case (RFC 6455 §4.2.1).
    var protocols: [Substring] = []

    mutating func add(_ name: String, _ value: String) {
      if name.equalsIgnoringCase("connection") {
        if value.listContainsToken("upgrade") { connectionNamesUpgrade = true }
      } else if name.equalsIgnoringCase("authorization") {
        hasAuthorization = true
      } else if name.equalsIgnoringCase("origin") {
        origins.append(value)
      } else if name.equalsIgnoringCase("sec-websocket-version") {
        versions.append(value)
      } else if name.equalsIgnoringCase("sec-websocket-key") {
        keys.append(value)
      } else if name.equalsIgnoringCase("sec-websocket-protocol") {
        protocols += value.split { $0 == "," || $0 == " " || $0 == "\t" }
      }
    }
  }
}
