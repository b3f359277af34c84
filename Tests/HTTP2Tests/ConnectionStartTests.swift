import NIOCore
import Testing

@testable import HTTP2

struct ConnectionStartTests {
  @Test
  func opensWithPrefaceSettingsAndWindow() throws {
    var machine = Machine()
    machine.connected()
    let frames = try FrameReader.frames(in: machine.outbound, expecting: .clientPreface)
    #expect(
      frames == [
        .settings(
          SettingsFrame([
            .init(.enablePush, 0), .init(.initialWindowSize, 262_144), .init(.maxFrameSize, 16_384),
            .init(.maxHeaderListSize, 16_384),
          ])),
        .windowUpdate(WindowUpdateFrame(streamID: .connection, increment: 4 * 1024 * 1024 - 65_535)),
      ])
  }

  @Test
  func noStreamBeforeTheSettings() {
    var machine = Machine()
    machine.connected()
    #expect(machine.open(testHead) == .unavailable)
    #expect(machine.settingsReceived(SettingsFrame([]), at: now) == .ready)
    #expect(machine.open(testHead) == .opened(StreamID(1)))
    #expect(machine.open(testHead) == .opened(StreamID(3)))
  }

  @Test
  func settingsAreAcknowledged() throws {
    var machine = Machine.ready()
    #expect(machine.settingsReceived(SettingsFrame([.init(.maxConcurrentStreams, 5)]), at: now) == .changed)
    #expect(try machine.takeFrames() == [.settings(.acknowledgement)])
    #expect(machine.freeStreams == 5)
  }

  @Test
  func acknowledgementOfNothingIsAFault() {
    var machine = Machine.ready()
    #expect(
      machine.settingsReceived(.acknowledgement, at: now) == .connectionFault(.settingsAcknowledgement))
    #expect(machine.isClosed == true)
  }

  @Test
  func faultSaysGoAwayOnceAndThenNothing() throws {
    var machine = Machine.ready()
    let id = machine.opened()
    #expect(machine.pushPromiseReceived() == .pushPromise)
    let frames = try machine.takeFrames()
    guard case .goAway(let goAway) = frames.first, frames.count == 1 else { return #expect(Bool(false)) }
    #expect(goAway.code == .protocolError && goAway.lastStreamID == .connection)
    #expect(machine.pushPromiseReceived() == nil)
    #expect(machine.headersReceived(headers(id, ok)) == .none)
    #expect(machine.dataReceived(data(id, 1)) == .discard)
    #expect(machine.pingReceived(PingFrame(payload: 1), at: now) == .none)
    #expect(machine.send([1], on: id) == .streamGone)
    #expect(machine.open(testHead) == .unavailable)
    #expect(machine.outbound.readableBytes == 0)
  }
}
