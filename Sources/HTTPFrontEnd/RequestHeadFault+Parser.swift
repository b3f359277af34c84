import NIOHTTP1

extension RequestHeadFault {
  /// What to answer to an error of the HTTP/1.1 parser; `nil` for errors of other origin.
  init?(parserError error: any Error) {
    guard let error = error as? HTTPParserError else { return nil }
    switch error {
    case .headerOverflow:
      self.init(status: 431, message: "the request's header block is too large")
    case .invalidVersion:
      self.init(status: 505, message: "only HTTP/1.0 and HTTP/1.1 are spoken here")
    case .invalidMethod:
      self.init(status: 501, message: "unknown request method")
    case .invalidURL:
      self.init(status: 400, message: "the request target is malformed")
    case .invalidHeaderToken:
      self.init(status: 400, message: "a header line is malformed")
    case .invalidContentLength, .unexpectedContentLength:
      self.init(status: 400, message: "Content-Length is not one number")
    case .invalidChunkSize:
      self.init(status: 400, message: "a chunk size is malformed")
    default:
      self.init(status: 400, message: "the request is not HTTP/1.1")
    }
  }
}
