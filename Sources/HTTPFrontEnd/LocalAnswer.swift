import NIOCore

/// An answer of the gateway's own that is no error: the whole body at once.
struct LocalAnswer {
  var status: Int
  var contentType: StaticString = "application/json"
  var headers: [(String, String)] = []
  var body: ByteBuffer?
}
