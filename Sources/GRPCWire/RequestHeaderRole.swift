/// What becomes of a request header on its way upstream.
enum RequestHeaderRole: Equatable {
  /// Crosses under its own name.
  case metadata
  /// `Grpc-Metadata-X`: crosses as `x`.
  case prefixedMetadata
  /// `User-Agent`: crosses under another name.
  case userAgent
  case forwardedFor
  case forwardedProto
  case forwardedHost
  case requestID
  /// `Host`: ends here, but is noted in `x-forwarded-host`.
  case host
  /// `Connection`: ends here together with what it names.
  case connection
  /// Ends here.
  case dropped

  static let metadataPrefix: StaticString = "grpc-metadata-"

  init(ofHeaderNamed name: String) {
    self = HeaderText.withBytes(name) { Self($0) }
  }

  init(_ name: UnsafeBufferPointer<UInt8>) {
    guard HeaderText.isName(name) else {
      self = .dropped
      return
    }
    self = Self.known(name)
    // The prefix opens no door that is shut without it: `Grpc-Metadata-Te` is dropped as `TE` is, and what
    // the gateway itself vouches for cannot be forged by it.
    if self == .prefixedMetadata {
      let rest = UnsafeBufferPointer(rebasing: name.dropFirst(Self.metadataPrefix.utf8CodeUnitCount))
      if rest.isEmpty || Self.known(rest) != .metadata { self = .dropped }
    }
  }

  /// `name` is a valid header name, so not empty.
  private static func known(_ name: UnsafeBufferPointer<UInt8>) -> Self {
    // The first letter keeps most names to one or two comparisons.
    switch HeaderText.lowercased(name[0]) {
    case UInt8(ascii: "a"):
      if HeaderText.equals(name, "accept") || HeaderText.hasPrefix(name, "accept-") { return .dropped }
    case UInt8(ascii: "c"):
      if HeaderText.hasPrefix(name, "content-") { return .dropped }
      if HeaderText.equals(name, "connection") { return .connection }
    case UInt8(ascii: "e"):
      if HeaderText.equals(name, "expect") { return .dropped }
    case UInt8(ascii: "g"):
      if HeaderText.hasPrefix(name, metadataPrefix) { return .prefixedMetadata }
      if HeaderText.hasPrefix(name, "grpc-") { return .dropped }
    case UInt8(ascii: "h"):
      if HeaderText.equals(name, "host") { return .host }
      if HeaderText.equals(name, "http2-settings") { return .dropped }
    case UInt8(ascii: "k"):
      if HeaderText.equals(name, "keep-alive") { return .dropped }
    case UInt8(ascii: "o"):
      if HeaderText.equals(name, "origin") { return .dropped }
    case UInt8(ascii: "p"):
      if HeaderText.equals(name, "proxy-connection") || HeaderText.equals(name, "proxy-authorization")
        || HeaderText.equals(name, "proxy-authenticate")
      {
        return .dropped
      }
    case UInt8(ascii: "s"):
      if HeaderText.hasPrefix(name, "sec-") { return .dropped }
    case UInt8(ascii: "t"):
      if HeaderText.equals(name, "te") || HeaderText.equals(name, "trailer")
        || HeaderText.equals(name, "transfer-encoding")
      {
        return .dropped
      }
    case UInt8(ascii: "u"):
      if HeaderText.equals(name, "user-agent") { return .userAgent }
      if HeaderText.equals(name, "upgrade") { return .dropped }
    case UInt8(ascii: "x"):
      if HeaderText.equals(name, "x-request-id") { return .requestID }
      guard HeaderText.hasPrefix(name, "x-forwarded-") else { break }
      if HeaderText.equals(name, "x-forwarded-for") { return .forwardedFor }
      if HeaderText.equals(name, "x-forwarded-proto") { return .forwardedProto }
      if HeaderText.equals(name, "x-forwarded-host") { return .forwardedHost }
    default:
      break
    }
    return .metadata
  }
}
