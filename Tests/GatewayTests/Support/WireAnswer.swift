import Compression

/// An HTTP/1.1 answer as bytes: its head, what the chunks hold, and whether each layer was brought to its end.
struct WireAnswer: Equatable, CustomStringConvertible {
  /// With `Date` made the same for all.
  var head: String
  /// Without chunk framing and content coding.
  var body: String
  /// The same as bytes, where nothing was compressed; not compared, since `body` is.
  private(set) var data: [UInt8] = []
  /// The last chunk has come, or all that `Content-Length` promised.
  var isTerminated: Bool
  /// The compressed stream has its end; `nil` where nothing is compressed.
  var isInflatedToEnd: Bool?
  var trailers = ""

  init(head: String, body: String, isTerminated: Bool, isInflatedToEnd: Bool? = nil, trailers: String = "") {
    self.head = head
    self.body = body
    self.isTerminated = isTerminated
    self.isInflatedToEnd = isInflatedToEnd
    self.trailers = trailers
  }

  static func == (one: WireAnswer, other: WireAnswer) -> Bool {
    (one.head, one.body, one.isTerminated, one.isInflatedToEnd, one.trailers)
      == (other.head, other.body, other.isTerminated, other.isInflatedToEnd, other.trailers)
  }

  /// - Parameter bytes: everything until the connection was closed, or so far.
  init?(_ bytes: [UInt8]) {
    guard let end = Self.headEnd(bytes) else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    head = lines.map { $0.hasPrefix("Date: ") ? "Date: now" : String($0) }.joined(separator: "\r\n")
    var rest = bytes[end...]
    var data: [UInt8] = []
    isTerminated = false
    body = ""
    if head.contains("\r\nTransfer-Encoding: chunked\r\n") {
      while let (chunk, after) = Self.chunk(rest) {
        rest = after
        if chunk.isEmpty {
          // The last chunk: a trailer section that ends in an empty line.
          trailers = String(decoding: rest, as: UTF8.self)
          isTerminated = trailers == "\r\n" || trailers.hasSuffix("\r\n\r\n")
          break
        }
        data += chunk
      }
    } else {
      data = Array(rest)
      let length = lines.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) }
      isTerminated = data.count == length
    }
    let coding = lines.first { $0.hasPrefix("Content-Encoding: ") }?.dropFirst(18)
    guard let coding else {
      body = String(decoding: data, as: UTF8.self)
      self.data = data
      return
    }
    let (text, isWhole) = Self.inflate(data, coding == "gzip" ? .gzip : .zlib)
    body = text
    isInflatedToEnd = isWhole
  }

  /// - Returns: `<corrupt>` for what cannot be inflated.
  static func inflate(_ data: [UInt8], _ format: CompressionFormat) -> (text: String, isWhole: Bool) {
    var text: [UInt8] = []
    do {
      var inflater = try Inflater(format)
      try inflater.inflate(data.span.bytes, appendingTo: &text)
      do { try inflater.finish() } catch { return (String(decoding: text, as: UTF8.self), false) }
      return (String(decoding: text, as: UTF8.self), true)
    } catch {
      return ("<corrupt>", false)
    }
  }

  var description: String {
    "\(head)\(body)<terminated: \(isTerminated), inflated to the end: \(String(describing: isInflatedToEnd))>\(trailers)"
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual("\r\n\r\n".utf8) }.map { $0 + 4 }
  }

  private static func chunk(_ bytes: ArraySlice<UInt8>) -> (data: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
    guard let lineEnd = bytes.firstIndex(of: 0x0D),
      let size = Int(String(decoding: bytes[..<lineEnd], as: UTF8.self), radix: 16)
    else { return nil }
    let start = lineEnd + 2
    if size == 0 { return start <= bytes.endIndex ? ([], bytes[start...]) : nil }
    guard start + size + 2 <= bytes.endIndex else { return nil }
    return (bytes[start..<start + size], bytes[(start + size + 2)...])
  }
}

/// Compresses what a test sends.
enum Deflated {
  /// - Parameter ends: false leaves the stream open, flushed to its last byte.
  static func bytes(_ text: String, _ format: CompressionFormat = .gzip, ends: Bool = true) throws -> [UInt8] {
    var deflater = try Deflater(format)
    var output: [UInt8] = []
    deflater.deflate(Array(text.utf8).span.bytes, flush: ends ? .finish : .sync, appendingTo: &output)
    return output
  }
}
