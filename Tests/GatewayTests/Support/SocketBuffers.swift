import Foundation
import NIOCore
import NIOPosix

/// Makes what the kernel keeps of a connection small, so that what a test counts is what the gateway keeps.
enum SocketBuffers {
  /// To be called before the channel is connected or, for one that was accepted, registered.
  static func set(_ bytes: Int, of channel: any Channel) throws {
    let value = SocketOptionValue(bytes)
    try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: value)
    try channel.syncOptions?.setOption(.socketOption(.so_rcvbuf), value: value)
  }

  /// Closes so that the other side sees a reset, whatever it has not read yet.
  static func reset(_ channel: any Channel) async throws {
    try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    try? await channel.close().get()
  }
}
