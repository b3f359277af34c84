import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Says in the operating system's words why a socket could not listen.
enum ListenError {
  static func reason(_ error: any Error) -> String {
    if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
    if let error = error as? SocketAddressError { return "the host cannot be resolved (\(error))" }
    return "\(error)"
  }
}
