import GRPCUpstream
import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK
import ScriptedUpstream
import Testing

struct UnaryCallTests {
  /// Answers each call with the bytes it sent, once it has ended.
  static let echo: ScriptedUpstream.Script = { connection, event in
    switch event {
    case .data(let id, let payload, let endStream):
      if connection.notes["\(id)"] == nil {
        connection.notes["\(id)"] = 1
        connection.respond(id)
      }
      connection.data(id, Array(payload.readableBytesView))
      if endStream { connection.trailers(id) }
    default: break
    }
  }

  @Test
  func answerArrives() async throws {
    try await Loopback.run(script: Self.echo) { loopback async throws in
      for _ in 0..<3 {
        let outcome = try await loopback.call([[1, 2, 3]])
        #expect(outcome.end.status.code == .ok)
        #expect(outcome.end.origin == .upstream)
        #expect(outcome.messages == [[1, 2, 3]])
        #expect(outcome.initial?.first(name: "content-type") == "application/grpc")
      }
      #expect(try await loopback.upstream.acceptedConnections() == 1)
    }
  }

  @Test
  func manyMessagesBothWays() async throws {
    try await Loopback.run(script: Self.echo) { loopback async throws in
      let messages = (0..<1000).map { [UInt8](repeating: UInt8($0 & 0xff), count: $0 % 300) }
      let outcome = try await loopback.call(messages)
      #expect(outcome.end.status == .ok)
      #expect(outcome.messages.count == messages.count)
      let isSame = outcome.messages == messages
      #expect(isSame)
    }
  }
}
