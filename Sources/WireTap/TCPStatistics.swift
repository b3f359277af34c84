import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the kernel knows of a connection's way: the last that was asked for.
struct TCPStatistics: Sendable, Equatable {
  /// Microseconds; nil where the system does not say.
  var roundTrip: Int?
  var roundTripVariation = 0
  var retransmissions = 0

  var text: String {
    guard let roundTrip else { return "rtt unknown" }
    return "rtt \(Self.milliseconds(roundTrip)) ms (+-\(Self.milliseconds(roundTripVariation))), "
      + "\(retransmissions) retransmitted"
  }

  private static func milliseconds(_ microseconds: Int) -> String {
    let digits = String(microseconds % 1000)
    return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }

  /// Asks the kernel; answers what it said before, or nothing, when it does not.
  static func read(from channel: any Channel) -> EventLoopFuture<TCPStatistics?> {
    #if os(Linux)
      guard let provider = channel as? any SocketOptionProvider else {
        return channel.eventLoop.makeSucceededFuture(nil)
      }
      return provider.getTCPInfo().map { info in
        TCPStatistics(
          roundTrip: Int(info.tcpi_rtt), roundTripVariation: Int(info.tcpi_rttvar),
          retransmissions: Int(info.tcpi_total_retrans))
      }.flatMapErrorThrowing { _ in nil }
    #else
      return channel.eventLoop.makeSucceededFuture(nil)
    #endif
  }
}
