import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the kernel holds of a connection's output.
enum SendQueue {
  /// Bytes that the other side has not acknowledged, which it does as it reads once its own buffer is full; 0 where that
  /// cannot be told.
  static func length(of channel: any Channel) -> Int {
    #if os(Linux)
      let length = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable {
        (socket: NIOBSDSocket.Handle) -> Int in
        // tcp(7): SIOCOUTQ, which is the same number as TIOCOUTQ.
        var count: CInt = 0
        return ioctl(socket, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
      }
      return length ?? 0
    #else
      return 0
    #endif
  }
}
