import HTTPNegotiation

/// The input is the value of `Content-Type`, `Accept`, `Accept-Encoding` and `Content-Encoding`; line feeds
/// divide it into several lines of the same header.
///
/// A media type that can be read is printed as one that reads the same. What is chosen has been offered and
/// has a weight.
enum NegotiationTarget {
  private static let offers = [
    MediaType("application", "x-ndjson"), MediaType("application", "json"), MediaType("text", "event-stream"),
  ]

  static func run(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let type = MediaType(parsing: text) {
      try require(MediaType(parsing: type.description) == type, "\(type) reads otherwise")
      _ = (type.isJSON, type.suffix, type.parameter("charset"))
    }
    for element in QualityList(parsing: lines).elements {
      try require((0...1000).contains(element.weight), "weight \(element.weight)")
    }
    let accept = Accept(parsing: lines)
    if let best = accept.best(of: offers) {
      let weight = accept.weight(of: offers[best])
      try require(weight > 0 && offers.allSatisfy { accept.weight(of: $0) <= weight }, "the best is not the best")
    } else {
      try require(offers.allSatisfy { accept.weight(of: $0) == 0 }, "something is acceptable")
    }
    _ = AcceptEncoding(parsing: lines).best(of: [.gzip, .deflate])
    _ = ContentCoding.list(parsing: lines)
  }
}
