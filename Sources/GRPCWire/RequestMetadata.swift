internal import HTTP2

/// Turns the headers of one HTTP request into the metadata of its gRPC call.
///
/// Every header crosses, its name lower-cased, except:
/// - hop-by-hop ones (RFC 9110 section 7.6.1) and those that `Connection` names;
/// - `Host`, `Content-*`, `Accept`, `Accept-*`, `Expect`, `Origin`, `Sec-*`: they are about the HTTP exchange;
/// - `grpc-*` and pseudo headers, which belong to the protocol upstream;
/// - names with anything but letters, digits, `-` and `.`, and values that gRPC's ASCII-Value (%x20-%x7E) does
///   not allow: some gRPC servers end the whole connection over one. Tabs become spaces.
///
/// `Grpc-Metadata-X` crosses as `x`. A name that ends in `-bin` must hold base64 and crosses without padding.
///
/// `User-Agent` crosses as `grpcgateway-user-agent`. The call has a `user-agent` of its own, which names the
/// gateway and is part of the header block kept for the route; gRPC servers do not expect a second one; and
/// services that have stood behind grpc-gateway look for the caller's under that name.
///
/// To the caller's `X-Forwarded-For`, `-Proto` and `-Host` what this gateway knows is appended. The first
/// usable `X-Request-Id` stands, or else the one that is given to `finish`.
///
/// For a request with `Host`, `User-Agent` and `Accept` only, the block of fields is the one thing allocated.
public struct RequestMetadata {
  /// Longer identifiers are replaced: they are written into every log line.
  public static let maximumRequestIDBytes = 128

  /// In the order of the headers, then what the gateway adds.
  public private(set) var metadata: CallMetadata

  private var host: String?
  private var forwardedFor: String?
  private var forwardedProto: String?
  private var forwardedHost: String?
  private var requestID: String?
  private var connectionNames: [String] = []

  /// What a browser's request becomes fits without growing.
  private static let usualBytes = 256

  /// - Parameter metadata: empty; its memory is used.
  public init(into metadata: consuming CallMetadata = CallMetadata()) {
    metadata.fields.reserveCapacity(Self.usualBytes)
    self.metadata = metadata
  }

  /// - Throws: when the name ends in `-bin` and the value is not base64.
  public mutating func append(name: String, value: String) throws(MetadataFault) {
    let role = RequestHeaderRole(ofHeaderNamed: name)
    switch role {
    case .dropped: return
    case .connection: noteConnectionNames(in: value)
    case .metadata: try appendEntry(name, droppingFirst: 0, value)
    case .prefixedMetadata:
      try appendEntry(name, droppingFirst: RequestHeaderRole.metadataPrefix.utf8CodeUnitCount, value)
    case .userAgent, .host, .forwardedFor, .forwardedProto, .forwardedHost, .requestID:
      if let value = Self.asciiValue(value) { note(value, role) }
    }
  }

  /// Adds what the gateway says itself, after the last header.
  ///
  /// - Parameters:
  ///   - address: the caller's address without a port; nil when it has none (a Unix socket).
  ///   - scheme: how the caller reached the gateway, `http` or `https`.
  ///   - newRequestID: evaluated only when the request brought no usable one.
  /// - Returns: the request's identifier, which is also echoed to the caller.
  public mutating func finish(
    address: String?, scheme: String, newRequestID: @autoclosure () -> String
  ) -> String {
    if !connectionNames.isEmpty {
      metadata.fields.removeAll { connectionNames.contains($0) }
    }
    if let value = Self.joined(forwardedFor, address) { metadata.fields.append("x-forwarded-for", value) }
    if let value = Self.joined(forwardedProto, scheme) { metadata.fields.append("x-forwarded-proto", value) }
    if let value = Self.joined(forwardedHost, host) { metadata.fields.append("x-forwarded-host", value) }
    let identifier = requestID ?? newRequestID()
    metadata.fields.append("x-request-id", identifier)
    return identifier
  }

  private mutating func note(_ value: String, _ role: RequestHeaderRole) {
    switch role {
    case .dropped, .connection, .metadata, .prefixedMetadata: break
    case .userAgent: metadata.fields.append("grpcgateway-user-agent", value)
    case .host: host = value
    case .forwardedFor: forwardedFor = Self.joined(forwardedFor, value)
    case .forwardedProto: forwardedProto = Self.joined(forwardedProto, value)
    case .forwardedHost: forwardedHost = Self.joined(forwardedHost, value)
    case .requestID:
      if requestID == nil, Self.isRequestID(value) { requestID = value }
    }
  }

  private mutating func appendEntry(
    _ name: String, droppingFirst prefix: Int, _ value: String
  ) throws(MetadataFault) {
    let bytes = name.utf8.span.extracting(droppingFirst: prefix)
    guard HeaderText.withBytes(name, { HeaderText.hasSuffix($0, "-bin") }) else {
      if let value = Self.asciiValue(value) { metadata.fields.append(lowercasing: bytes, value.utf8.span) }
      return
    }
    guard let normalized = BinaryMetadata.normalize(value) else {
      throw MetadataFault(headerName: name, message: "the value of a -bin header must be base64")
    }
    metadata.fields.append(lowercasing: bytes, normalized.utf8.span)
  }

  /// `Connection = #connection-option`: the names listed there are meant for this hop only.
  private mutating func noteConnectionNames(in value: String) {
    for part in value.split(separator: ",") {
      var name = HeaderText.lowercased(String(part.filter { $0 != " " && $0 != "\t" }))
      if name == "keep-alive" || name == "close" { continue }
      let prefix = "\(RequestHeaderRole.metadataPrefix)"
      if name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
      connectionNames.append(name)
    }
  }

  private static func joined(_ list: String?, _ value: String?) -> String? {
    guard let list, !list.isEmpty else { return value }
    guard let value, !value.isEmpty else { return list }
    return "\(list), \(value)"
  }

  /// The value with tabs as spaces, or nil when it has anything that an ASCII-Value may not hold.
  private static func asciiValue(_ value: String) -> String? {
    let hasTab: Bool? = HeaderText.withBytes(value) { bytes in
      var hasTab = false
      for byte in bytes {
        if byte &- 0x20 <= 0x7E - 0x20 { continue }
        guard byte == 0x09 else { return nil }
        hasTab = true
      }
      return hasTab
    }
    guard let hasTab else { return nil }
    return hasTab ? String(value.map { $0 == "\t" ? " " : $0 }) : value
  }

  private static func isRequestID(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.count <= maximumRequestIDBytes && !value.utf8.contains(UInt8(ascii: " "))
  }
}
