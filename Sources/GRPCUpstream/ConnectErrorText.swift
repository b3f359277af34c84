internal import NIOCore
internal import NIOPosix
internal import TransportSecurity

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Says in words for a log why no socket could be connected.
enum ConnectErrorText {
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      if let failure = error.connectionErrors.last { return reason(failure.error) }
      return (error.dnsAError ?? error.dnsAAAAError).map { "the name cannot be resolved (\($0))" } ?? "no address"
    case let error as IOError: return String(cString: strerror(error.errnoCode))
    case is ChannelError: return "no connection in time"
    default: return TLSErrorText.reason(error)
    }
  }
}
