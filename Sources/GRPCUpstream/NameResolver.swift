#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif
public import NIOCore
internal import NIOPosix

/// Finds the addresses of a host name.
public struct NameResolver: Sendable {
  /// Answers on the given event loop, which must not be blocked meanwhile.
  public typealias Resolve =
    @Sendable (_ host: String, _ port: Int, _ eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]>

  private let resolve: Resolve

  public init(_ resolve: @escaping Resolve) {
    self.resolve = resolve
  }

  public func addresses(of host: String, port: Int, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
    resolve(host, port, eventLoop).hop(to: eventLoop)
  }

  /// The system's own resolver (`getaddrinfo`), on a thread, since it blocks.
  public static let system = NameResolver { host, port, eventLoop in
    NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try addresses(of: host, port: port) }
  }

  /// A name has no addresses, or nobody could say.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
  }

  private static func addresses(of host: String, port: Int) throws -> [SocketAddress] {
    // Addresses of a family that this machine has none of itself would only be tried in vain; a machine with nothing
    // but a loopback interface has none of either.
    let answer = try lookUp(host, flags: AI_ADDRCONFIG)
    let found = try answer.isEmpty ? lookUp(host, flags: 0) : answer
    guard !found.isEmpty else { throw Failure(description: "the name has no address") }
    return found.map { address in
      var address = address
      address.port = port
      return address
    }
  }

  private static func lookUp(_ host: String, flags: Int32) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_flags = flags
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_protocol = Int32(IPPROTO_TCP)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, nil, &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard result == 0 else {
      if flags != 0 { return [] }
      throw Failure(description: String(cString: gai_strerror(result)))
    }
    var found: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
      next = entry.ai_next
      guard let raw = entry.ai_addr else { continue }
      switch entry.ai_family {
      case AF_INET:
        let address = raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        if !found.contains(address) { found.append(address) }
      case AF_INET6:
        let address = raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        if !found.contains(address) { found.append(address) }
      default: continue
      }
    }
    return found
  }
}
