/// A host and a port, printed as they are written in a URL: `127.0.0.1:9009`, `[::1]:9009`.
public struct OrderServerAddress: Sendable, Equatable, CustomStringConvertible {
  public var host: String
  public var port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
