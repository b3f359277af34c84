import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Says in the operating system's words what went wrong with a socket, and in ours what went wrong with TLS.
enum SystemErrorText {
  static func reason(_ error: any Error) -> String {
    if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
    if let error = error as? NIOConnectionError {
      if let first = error.connectionErrors.first { return reason(first.error) }
      if error.dnsAError != nil || error.dnsAAAAError != nil { return "the host '\(error.host)' cannot be resolved" }
    }
    if let error = error as? ChannelError, case .connectTimeout = error { return "timed out" }
    if error is SocketAddressError { return "the host cannot be resolved" }
    return TLSErrorText.reason(error) ?? "\(error)"
  }
}
