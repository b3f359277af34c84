import Compression
import ErrorBody
import GRPCWire
import HTTPNegotiation

/// Judges the `Content-Encoding` of a request.
enum ContentEncodingPolicy {
  /// What a 415 offers (RFC 9110 §12.5.3: "information about what content codings are preferred").
  static let offered = "gzip, deflate"

  /// The coding to undo; `nil` for none.
  ///
  /// More than one is refused: nobody compresses twice but to make bombs.
  static func coding(of text: String) throws(Refusal) -> ContentCoding? {
    guard let codings = ContentCoding.list(parsing: CollectionOfOne(text)) else {
      throw refusal("Content-Encoding \"\(text)\" is not served; send \(offered) or none")
    }
    guard codings.count <= 1 else {
      throw refusal("Content-Encoding \"\(text)\" stacks codings; send one of \(offered) or none")
    }
    return codings.first
  }

  private static func refusal(_ message: String) -> Refusal {
    Refusal(.unsupportedMediaType(message), headers: [("Accept-Encoding", offered)])
  }
}

extension GatewayError {
  static let codingNotAcceptable = GatewayError(
    downstream: "Accept-Encoding takes no coding that is offered here; offered: gzip, deflate, identity "
      + "(events: identity)", httpStatus: 406)

  /// A compressed request body that is none.
  init(_ fault: CompressionFault, coding: ContentCoding) {
    switch fault.code {
    case .outOfMemory:
      self.init(gateway: "no memory to inflate the request", code: .unavailable, reason: .overloaded)
    case .corrupt, .truncated, .trailingBytes, .tooLarge:
      self.init(
        downstream: "the request body is not what Content-Encoding \(coding.rawValue) says: \(fault)", httpStatus: 400)
    }
  }
}
