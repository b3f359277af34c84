internal import NIOCore

/// Names an upstream as gRPC names one: a host to be resolved, or a list of addresses.
///
///     Name  = [ "dns:" [ "///" ] ] Host ":" Port
///           | "ipv4:" IPv4 ":" Port { "," IPv4 ":" Port }
///           | "ipv6:" "[" IPv6 "]" ":" Port { "," "[" IPv6 "]" ":" Port }
///           | [ ":" ] Port                      ; of 127.0.0.1, an abbreviation of this gateway's own
///
/// The port is always said: gRPC's default of 443 would be a guess. A name server (`dns://8.8.8.8/host`) is not taken,
/// since the system's resolver is asked. Source: https://github.com/grpc/grpc/blob/v1.60.0/doc/naming.md
public struct UpstreamName: Sendable, Hashable, CustomStringConvertible {
  enum Kind: Sendable, Hashable {
    /// Resolved to any number of addresses, and again from time to time.
    case dns(host: String, port: Int)
    /// Known; at least one.
    case addresses([UpstreamTarget])
  }

  let kind: Kind
  private let text: String

  /// 64: each address costs every thread a connection; more of them belong behind a balancer of their own.
  public static let maximumAddresses = 64

  /// A host name or an IP address without brackets.
  public init(host: String, port: Int) {
    let target = UpstreamTarget(host: host, port: port)
    text = target.description
    kind = Self.isIPAddress(host) ? .addresses([target]) : .dns(host: host, port: port)
  }

  /// One target as it is, which is not resolved here.
  init(_ target: UpstreamTarget) {
    text = target.description
    kind = .addresses([target])
  }

  /// Reads a name; throws what is wrong with it.
  public init(parsing text: String) throws(UpstreamNameError) {
    guard let colon = text.firstIndex(of: ":") else {
      guard Self.port(text) != nil else { throw Self.fault(text, "there is no port; expected host:port") }
      self = try Self.host("127.0.0.1:" + text, of: text)
      return
    }
    let rest = text[text.index(after: colon)...]
    switch text[..<colon].lowercased() {
    case "dns":
      var name = rest
      if name.hasPrefix("//") {
        guard name.hasPrefix("///") else {
          throw Self.fault(text, "name servers cannot be given; expected dns:///host:port")
        }
        name = name.dropFirst(3)
      }
      let parsed = try Self.host(String(name), of: text)
      self.init(parsed.kind, text: text)
    case "ipv4": self.init(.addresses(try Self.addresses(rest, of: text, isV6: false)), text: text)
    case "ipv6": self.init(.addresses(try Self.addresses(rest, of: text, isV6: true)), text: text)
    case "unix", "unix-abstract", "vsock", "xds":
      throw Self.fault(text, "\(text[..<colon]) is not served; expected host:port, dns:, ipv4: or ipv6:")
    case let scheme where rest.hasPrefix("//"):
      throw Self.fault(text, "\(scheme) is no scheme of gRPC names; expected host:port, dns:, ipv4: or ipv6:")
    default: self = try Self.host(text, of: text)
    }
  }

  private init(_ kind: Kind, text: String) {
    self.kind = kind
    self.text = text
  }

  /// As it was written.
  public var description: String { text }

  // MARK: Parts

  private static func host(_ name: String, of text: String) throws(UpstreamNameError) -> UpstreamName {
    let (host, port) = try split(name[...], of: text)
    if host.hasPrefix("[") {
      let address = String(host.dropFirst().dropLast())
      return UpstreamName(.addresses([try target(address, port, isV6: true, of: text)]), text: text)
    }
    guard !host.contains(":") else { throw fault(text, "an IPv6 address stands in brackets, as in [::1]:9009") }
    let name = host.isEmpty ? "127.0.0.1" : String(host)
    if isIPAddress(name) { return UpstreamName(.addresses([UpstreamTarget(host: name, port: port)]), text: text) }
    guard isHostName(name) else { throw fault(text, "\"\(name)\" is no host name") }
    return UpstreamName(.dns(host: name, port: port), text: text)
  }

  private static func addresses(
    _ list: Substring, of text: String, isV6: Bool
  ) throws(UpstreamNameError) -> [UpstreamTarget] {
    var targets: [UpstreamTarget] = []
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      let (host, port) = try split(item, of: text)
      let isBracketed = host.hasPrefix("[")
      guard isBracketed == isV6 else {
        let form = isV6 ? "[IPv6 address]:port" : "IPv4 address:port"
        throw fault(text, "\"\(item)\" is not of the form \(form)")
      }
      let address = isV6 ? String(host.dropFirst().dropLast()) : String(host)
      let target = try target(address, port, isV6: isV6, of: text)
      guard !targets.contains(target) else { throw fault(text, "\(target) stands there twice") }
      targets.append(target)
      guard targets.count <= maximumAddresses else {
        throw fault(text, "there are more than \(maximumAddresses) addresses")
      }
    }
    return targets
  }

  private static func split(_ item: Substring, of text: String) throws(UpstreamNameError) -> (Substring, Int) {
    guard let colon = item.lastIndex(of: ":"), item.last != "]" else {
      throw fault(text, "\"\(item)\" has no port")
    }
    let digits = item[item.index(after: colon)...]
    guard let port = port(digits) else { throw fault(text, "\"\(digits)\" is no port from 1 to 65535") }
    let host = item[..<colon]
    guard host.hasPrefix("[") == host.hasSuffix("]"), host != "[" else {
      throw fault(text, "the brackets of \"\(item)\" do not match")
    }
    return (host, port)
  }

  private static func target(
    _ address: String, _ port: Int, isV6: Bool, of text: String
  ) throws(UpstreamNameError) -> UpstreamTarget {
    guard isIPAddress(address), address.contains(":") == isV6 else {
      throw fault(text, "\"\(address)\" is no \(isV6 ? "IPv6" : "IPv4") address")
    }
    return UpstreamTarget(host: address, port: port)
  }

  private static func port(_ digits: some StringProtocol) -> Int? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
      return nil
    }
    return port == 0 ? nil : Int(port)
  }

  private static func isIPAddress(_ text: String) -> Bool {
    (try? SocketAddress(ipAddress: text, port: 0)) != nil
  }

  /// Letters, digits, hyphens and underscores in labels (RFC 1123, and what container networks add to it).
  private static func isHostName(_ text: String) -> Bool {
    guard text.utf8.count <= 253 else { return false }
    let labels = (text.hasSuffix(".") ? text.dropLast() : text[...]).split(
      separator: ".", omittingEmptySubsequences: false)
    return labels.allSatisfy { label in
      !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-")
        && label.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
          case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
          default: false
          }
        }
    }
  }

  private static func fault(_ text: String, _ reason: String) -> UpstreamNameError {
    UpstreamNameError(name: text, reason: reason)
  }
}

/// Why a text names no upstream.
public struct UpstreamNameError: Error, Sendable, Equatable, CustomStringConvertible {
  public let name: String
  public let reason: String

  public var description: String { "\"\(name)\" names no upstream: \(reason)" }
}
