import NIOCore
import Testing

@testable import HTTP2

struct ConnectionLimitTests {
  @Test
  func maximumConcurrentStreamsIsKept() {
    for allowed in [0, 1, 2] {
      var machine = Machine.ready([.init(.maxConcurrentStreams, UInt32(allowed))])
      for _ in 0..<allowed { #expect(machine.opened() != .connection) }
      #expect(machine.open(testHead) == .unavailable)
    }
  }

  @Test
  func streamsThatEndMakeRoom() {
    var machine = Machine.ready([.init(.maxConcurrentStreams, 1)])
    let id = machine.opened()
    #expect(machine.freeStreams == 0)
    machine.reset(id, .cancel)
    #expect(machine.freeStreams == 1)
  }

  @Test
  func pingsAreAnsweredUpToTheLimit() throws {
    var machine = Machine.ready()
    for count in 0..<10_000 {
      #expect(machine.pingReceived(PingFrame(payload: 7), at: now) == .none)
      if count == 0 { #expect(try machine.takeFrames() == [.ping(PingFrame(payload: 7, isAcknowledgement: true))]) }
      machine.outboundTaken()
    }
    #expect(machine.pingReceived(PingFrame(payload: 7), at: now) == .connectionFault(.flood(.ping)))
  }

  @Test
  func settingsUpToTheLimit() {
    var machine = Machine.ready()
    // Two have been received by the helper at time 0.
    for _ in 0..<10_000 {
      #expect(machine.settingsReceived(SettingsFrame([]), at: now + .seconds(2)) == .changed)
      machine.outboundTaken()
    }
    #expect(
      machine.settingsReceived(SettingsFrame([]), at: now + .seconds(2)) == .connectionFault(.flood(.settings)))
  }

  @Test
  func resetsAndWindowUpdatesUpToTheLimit() {
    var machine = Machine.ready()
    let id = machine.opened()
    machine.reset(id, .cancel)
    // One more: opening the stream has earned it.
    for _ in 0..<10_001 {
      #expect(machine.resetReceived(ResetStreamFrame(streamID: id, code: .cancel), at: now) == .none)
    }
    #expect(
      machine.resetReceived(ResetStreamFrame(streamID: id, code: .cancel), at: now)
        == .connectionFault(.flood(.resetStream)))
    machine = Machine.ready()
    for _ in 0..<10_000 {
      _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: 1), at: now)
    }
    #expect(
      machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: 1), at: now)
        == .connectionFault(.flood(.windowUpdate)))
  }

  @Test
  func busyConnectionIsNoFlood() {
    // As grpc-go does: a PING and two WINDOW_UPDATEs for every call, 40,000 calls within a second.
    var machine = Machine.ready()
    for _ in 0..<40_000 {
      let id = machine.opened()
      _ = machine.send([1, 2, 3], endStream: true, on: id)
      _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: 3), at: now)
      _ = machine.pingReceived(PingFrame(payload: 1), at: now)
      _ = machine.headersReceived(headers(id, ok + [("grpc-status", "0")], endStream: true))
      machine.outboundTaken()
    }
    #expect(machine.isClosed == false)
  }

  @Test
  func emptyDataInARowUpToTheLimit() {
    var machine = Machine.ready()
    let id = machine.opened()
    _ = machine.headersReceived(headers(id, ok))
    for _ in 0..<100 { #expect(machine.dataReceived(data(id, 0)) == .deliver(endStream: false)) }
    _ = machine.dataReceived(data(id, 1))
    for _ in 0..<100 { #expect(machine.dataReceived(data(id, 0)) == .deliver(endStream: false)) }
    #expect(machine.dataReceived(data(id, 0)) == .connectionFault(.emptyData))
  }

  @Test
  func answersToAPeerThatDoesNotReadAreBounded() {
    var machine = Machine.ready()
    machine.transportWritabilityChanged(false)
    var time = now
    var fault: ConnectionFault?
    while fault == nil, machine.outbound.readableBytes < 16 * 1024 * 1024 {
      time = time + .milliseconds(1)
      if case .connectionFault(let found) = machine.pingReceived(PingFrame(payload: 1), at: time) { fault = found }
    }
    #expect(fault == .flood(.ping))
  }
}
