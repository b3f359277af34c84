/// Why the order server could not start; the description is one line for a person.
public enum OrderServerError: Error, Equatable, CustomStringConvertible {
  case cannotListen(host: String, port: Int, reason: String)
  case cannotOpenDatabase(OrderDatabaseLocation, reason: String)
  /// The address was asked for, but the server has stopped without ever listening.
  case notListening

  public var description: String {
    switch self {
    case .cannotListen(let host, let port, let reason):
      "cannot listen on \(OrderServerAddress(host: host, port: port)): \(reason)"
    case .cannotOpenDatabase(let location, let reason):
      "cannot open database \(location): \(reason)"
    case .notListening:
      "the order server is not listening"
    }
  }
}
