import NIOCore
import Testing

@testable import HTTP2

struct SendingTests {
  @Test
  func bytesKeepTheirOrderWhateverTheWindowsDo() throws {
    var random = SeededRandom(seed: 1)
    for _ in 0..<10 {
      var machine = HTTP2ClientConnectionStateMachine.ready()
      let id = machine.opened()
      var sent: [UInt8] = []
      var received: [UInt8] = []
      func take() throws {
        for case .data(let frame) in try machine.takeFrames() {
          received.append(contentsOf: frame.payload.readableBytesView)
        }
      }
      for _ in 0..<20 {
        let bytes = [UInt8](
          repeating: UInt8.random(in: 0...255, using: &random), count: Int.random(in: 0...40_000, using: &random))
        sent += bytes
        let cut = Int.random(in: 0...bytes.count, using: &random)
        _ = machine.send(
          bytes.span.bytes.extracting(first: cut), bytes.span.bytes.extracting(droppingFirst: cut), endStream: false,
          on: id)
        try take()
        let increment = Int.random(in: 1...70_000, using: &random)
        _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: increment), at: .now())
        try take()
        _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: increment), at: .now())
        try take()
      }
      _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: 2_000_000), at: .now())
      _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 2_000_000), at: .now())
      for _ in 0..<10 {
        try take()
        machine.resumeSending()
      }
      let isSame = sent == received
      #expect(isSame)
    }
  }
}
