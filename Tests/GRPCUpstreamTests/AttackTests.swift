import GRPCUpstream
import GRPCWire
import HTTP2
import NIOCore
import ScriptedUpstream
import Testing

/// Servers that mean harm: the connection goes, the process and the next call do not notice.
@Suite(.timeLimit(.minutes(2)))
struct AttackTests {
  struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let launch: @Sendable (ScriptedConnection, StreamID) -> Void
    var testDescription: String { name }
  }

  static let attacks: [Attack] = [
    Attack(name: "PING flood") { connection, _ in
      for _ in 0..<5_000 { connection.ping(1) }
    },
    Attack(name: "SETTINGS flood") { connection, _ in
      for _ in 0..<5_000 { connection.settings([]) }
    },
    Attack(name: "RST flood") { connection, id in
      for _ in 0..<5_000 { connection.reset(id, .cancel) }
    },
    Attack(name: "WINDOW_UPDATE flood") { connection, _ in
      for _ in 0..<5_000 { connection.windowUpdate(.connection, 1) }
    },
    Attack(name: "empty DATA flood") { connection, id in
      connection.respond(id)
      for _ in 0..<101 { connection.data(id, []) }
    },
    Attack(name: "CONTINUATION flood") { connection, id in
      connection.headers(id, [(":status", "200"), ("x", String(repeating: "y", count: 1000))], fragmentBytes: 10)
    },
    Attack(name: "endless header block") { connection, id in
      connection.frame(FrameHeader(length: 16_384, type: .headers, streamID: id), Array(repeating: 0, count: 16_384))
      for _ in 0..<6 {
        connection.frame(
          FrameHeader(length: 16_384, type: .continuation, streamID: id), Array(repeating: 0, count: 16_384))
      }
    },
    Attack(name: "HPACK bomb") { connection, id in
      var block: [UInt8] = [0x88, 0x40, 1, UInt8(ascii: "x"), 0x7f, 0x81, 0x1e]
      block += Array(repeating: UInt8(ascii: "v"), count: 3968)
      block += Array(repeating: 0xbe, count: 10_000)
      connection.frame(FrameHeader(length: block.count, type: .headers, flags: .endHeaders, streamID: id), block)
    },
    Attack(name: "window overflow") { connection, _ in
      connection.windowUpdate(.connection, 0x7fff_ffff)
    },
    Attack(name: "DATA on a stream nobody opened") { connection, _ in
      connection.data(StreamID(99), [1])
    },
    Attack(name: "stream of the server's own") { connection, _ in
      connection.headers(StreamID(2), [(":status", "200")])
    },
  ]

  @Test(arguments: attacks)
  func attackEndsItsConnectionOnly(_ attack: Attack) async throws {
    // Low enough to be exceeded within a second on a machine that is busy with other tests.
    var configuration = UpstreamConfiguration()
    configuration.http2.maximumControlFramesPerSecond = 500
    try await Loopback.run(
      configuration: configuration,
      script: { connection, event in
        guard case .data(let id, let payload, endStream: true) = event else { return }
        // The call says whether to be good.
        if payload.getInteger(at: payload.writerIndex - 1, as: UInt8.self) == 1 {
          attack.launch(connection, id)
        } else {
          LifecycleTests.answer(connection, id)
        }
      }
    ) { loopback async throws in
      for _ in 0..<3 {
        let outcome = try await loopback.call([[1]])
        #expect(!outcome.end.status.isOK)
        #expect(outcome.end.origin != .upstream)
        // At once, or after the shortest back-off.
        var next = try await loopback.call([[0]])
        while !next.end.status.isOK {
          #expect(next.end.status.code == .unavailable)
          try await Task.sleep(for: .milliseconds(50))
          next = try await loopback.call([[0]])
        }
      }
    }
  }
}
