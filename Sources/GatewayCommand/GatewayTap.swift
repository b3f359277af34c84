import Gateway
import NIOConcurrencyHelpers
import NIOCore
import ProtobufSchema
import WireTap

/// Shows what goes over a gateway's connections: the callers' HTTP/1.1 as text, and the frames of its own HTTP/2
/// connections upstream beside it.
struct GatewayTap: Sendable {
  private let tap: Tap
  private let counts = NIOLockedValueBox((downstream: 0, upstream: 0))

  init(schema: Schema) {
    var options = TapOptions()
    options.hasColours = TerminalStyle.standardOutput.isOn
    tap = Tap(options: options, schema: SchemaSource(schema))
  }

  func attach(to configuration: inout GatewayConfiguration) {
    configuration.prepareChannels(
      downstream: { [self] channel in
        let number = counts.withLockedValue { counts in
          counts.downstream += 1
          return counts.downstream
        }
        try add(tap.connectionOpened(number: number, place: .downstream, proto: .text), peer: .client, to: channel)
      },
      upstream: { [self] channel in
        let number = counts.withLockedValue { counts in
          counts.upstream += 1
          return counts.upstream
        }
        try add(tap.connectionOpened(number: number, place: .upstream, proto: .grpc), peer: .server, to: channel)
      })
  }

  private func add(_ connection: TappedConnection, peer: TapSide, to channel: any Channel) throws {
    try channel.pipeline.syncOperations.addHandler(TapHandler(connection, peer: peer))
  }

  /// Writes what waits.
  func finish() { tap.finish() }
}
