import ErrorBody
import NIOHTTP1

/// `X-HTTP-Method-Override`: lets a `POST` stand for the method it names, for callers that can send no other.
///
/// A header of convention, not of a standard; it is looked at only where the gateway is told to. What would change how
/// the answer is framed (HEAD) or is no call (OPTIONS, CONNECT, TRACE) cannot be asked for this way.
enum MethodOverride {
  static func applied(to head: HTTPRequestHead) throws(Refusal) -> HTTPRequestHead {
    guard head.method == .POST, let named = head.headers.first(name: "x-http-method-override") else { return head }
    guard !named.isEmpty, named.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }),
      !["HEAD", "OPTIONS", "CONNECT", "TRACE"].contains(named)
    else {
      throw Refusal(
        GatewayError(
          downstream: "X-HTTP-Method-Override is \"\(named)\", expected DELETE, GET, PATCH, PUT or a method of a rule",
          httpStatus: 400))
    }
    var overridden = head
    overridden.method = HTTPMethod(rawValue: named)
    return overridden
  }
}
