/// Says which rule a peer broke on one stream; only that stream is reset (RFC 9113 section 5.4.2).
public enum StreamFault: Error, Hashable, Sendable {
  /// A header list that section 8.2 or 8.3 calls malformed: names, values or pseudo-header fields.
  case malformedHeaders(HeaderListFault)
  /// DATA before the response's HEADERS.
  case dataBeforeHeaders
  /// A second HEADERS that is not the trailers: it lacks END_STREAM or carries pseudo-header fields.
  case unexpectedHeaders
  /// An interim (1xx) response with END_STREAM, or more of them than allowed.
  case informational
  /// More DATA than our stream window allows.
  case windowOverrun
  /// A WINDOW_UPDATE past 2^31 - 1 octets.
  case windowOverflow
  /// A WINDOW_UPDATE of 0.
  case zeroWindowUpdate

  public var code: ErrorCode {
    switch self {
    case .malformedHeaders(.tooLarge): .enhanceYourCalm
    case .malformedHeaders, .dataBeforeHeaders, .unexpectedHeaders, .informational, .zeroWindowUpdate: .protocolError
    case .windowOverrun, .windowOverflow: .flowControlError
    }
  }
}

extension StreamFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformedHeaders(let fault): "malformed headers: \(fault)"
    case .dataBeforeHeaders: "DATA before HEADERS"
    case .unexpectedHeaders: "HEADERS that are neither a response nor trailers"
    case .informational: "malformed interim response"
    case .windowOverrun: "DATA beyond the stream window"
    case .windowOverflow: "flow-control window beyond 2^31-1"
    case .zeroWindowUpdate: "WINDOW_UPDATE of 0"
    }
  }
}
