public import NIOCore

/// An answer of the gateway's own that is no error: the whole body at once.
public struct LocalAnswer: Sendable {
  public var status: Int
  public var contentType: StaticString
  public var headers: [(String, String)]
  public var body: ByteBuffer?

  public init(
    status: Int, contentType: StaticString = "application/json", headers: [(String, String)] = [],
    body: ByteBuffer? = nil
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }
}
