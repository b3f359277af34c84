import GRPCWire
import NIOHPACK

/// The input is the name (up to the first line feed) and the value of a header, and every gRPC value there is.
///
/// Metadata that is made from it is what gRPC allows; what can be read and written survives a round trip.
enum HeaderTextTarget {
  static func run(_ bytes: [UInt8]) throws {
    let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(decoding: parts[0], as: UTF8.self)
    let value = String(decoding: parts.count > 1 ? parts[1] : [], as: UTF8.self)
    try metadata(name, value)
    try values(value)

    let headers = HPACKHeaders([
      (name, value), ("grpc-status", value), ("grpc-message", value), ("grpc-status-details-bin", value),
    ])
    let status = GRPCStatus(trailers: headers)
    _ = (status.description, status.code.httpStatus)
    var isClean = true
    MetadataPolicy.forEachHTTPHeader(of: headers, .trailing) { name, value in
      for byte in (name + value).utf8 where byte == 0 || byte == 0x0A || byte == 0x0D { isClean = false }
    }
    try require(isClean, "a line break crossed")
  }

  private static func metadata(_ name: String, _ value: String) throws {
    var metadata = RequestMetadata()
    do {
      try metadata.append(name: name, value: value)
      try metadata.append(name: "Connection", value: value)
    } catch {
      return
    }
    _ = metadata.finish(address: "192.0.2.1", scheme: "http", newRequestID: "new")
    for (name, value) in metadata.metadata.entries {
      let isName = name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
          UInt8(ascii: "."):
          true
        default: false
        }
      }
      try require(isName && !name.isEmpty && !name.hasPrefix("grpc-"), "the name \(name) crossed")
      try require(value.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a value crossed that is no ASCII-Value")
    }
  }

  private static func values(_ text: String) throws {
    if let timeout = GRPCTimeout(parsing: text) {
      let again = GRPCTimeout(parsing: timeout.headerValue)
      try require(again.map { $0.nanoseconds >= timeout.nanoseconds } == true, "\(text) became \(timeout.headerValue)")
    }
    _ = XServerTimeout.parse(text)
    if let bytes = BinaryMetadata.decode(text) {
      try require(BinaryMetadata.decode(BinaryMetadata.encode(bytes)) == bytes, "base64 does not come back")
    }
    if let normal = BinaryMetadata.normalize(text) {
      try require(BinaryMetadata.decodeList(normal) == BinaryMetadata.decodeList(text), "the list does not come back")
    }
    _ = PercentEncodedMessage.decode(text)
    let decoded = PercentEncodedMessage.decode(PercentEncodedMessage.encode(text))
    try require(Array(decoded.utf8) == Array(text.utf8), "percent encoding does not come back")
  }
}
