import HTTPNegotiation
import NIOHTTP1

/// Judges the media type of a request's body.
enum BodyTypePolicy {
  /// How a JSON body is to be read.
  enum Reading: Equatable {
    /// JSON; for a stream: white space, commas of an array, or nothing between the values.
    case json
    /// One value after another, never an array of them.
    case lines
    /// RFC 7464.
    case sequence
  }

  /// - Throws: the text of a 415 that says what to send.
  static func reading(of text: String?, _ headers: HTTPHeaders) throws(UnsupportedMediaType) -> Reading {
    guard let text else { return .json }
    // The two spellings that nearly every request has, before the parser is asked.
    if text == "application/json" { return .json }
    if text == "application/x-ndjson" { return .lines }
    guard let type = MediaType(parsing: text) else {
      throw UnsupportedMediaType(message: "Content-Type \"\(text)\" is not a media type; send application/json")
    }
    if let charset = type.parameter("charset"), !charset.equalsIgnoringCase("utf-8") {
      throw UnsupportedMediaType(message: "JSON is UTF-8; Content-Type says charset=\(charset)")
    }
    if type.isJSON { return .json }
    switch type.essence {
    case "application/x-ndjson", "application/jsonl": return .lines
    case "application/json-seq": return .sequence
    case "application/x-www-form-urlencoded", "text/plain":
      // What `curl -d` sends by itself. A browser sends these across origins without asking first, so they
      // are taken only where no browser can be the sender.
      guard headers.contains(name: "origin") || headers.contains(name: "sec-fetch-site") else { return .json }
    default: break
    }
    throw UnsupportedMediaType(
      message: "Content-Type \(type.essence) is not served; send application/json, application/x-ndjson, "
        + "application/jsonl or application/json-seq")
  }
}

struct UnsupportedMediaType: Error, Equatable {
  var message: String
}
