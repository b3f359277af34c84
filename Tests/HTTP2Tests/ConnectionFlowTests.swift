import NIOCore
import Testing

@testable import HTTP2

struct ConnectionFlowTests {
  @Test
  func streamWindowOverrunResetsTheStream() {
    var machine = Machine.ready()
    let id = machine.opened()
    _ = machine.headersReceived(headers(id, ok))
    #expect(machine.dataReceived(data(id, 262_144)) == .deliver(endStream: false))
    #expect(machine.dataReceived(data(id, 1)) == .streamFault(.windowOverrun))
  }

  @Test
  func connectionWindowIsGivenBackOnReceiptAndStreamsOnDemand() throws {
    var machine = Machine.ready()
    // A fifth stalled stream fits the connection's window, and so would any number.
    let ids = (0..<40).map { _ in machine.opened() }
    for id in ids {
      _ = machine.headersReceived(headers(id, ok))
      for _ in 0..<16 { #expect(machine.dataReceived(data(id, 16_384)) == .deliver(endStream: false)) }
    }
    let updates = try machine.takeFrames()
    #expect(updates.allSatisfy { $0 == .windowUpdate(WindowUpdateFrame(streamID: .connection, increment: 2_097_152)) })
    #expect(updates.count == 5)
    machine.giveBack(131_071, on: ids[0])
    #expect(machine.outbound.readableBytes == 0)
    machine.giveBack(1, on: ids[0])
    #expect(
      try machine.takeFrames() == [.windowUpdate(WindowUpdateFrame(streamID: ids[0], increment: 131_072))])
  }

  @Test
  func connectionWindowOverrunIsAFault() {
    var limits = ConnectionLimits()
    limits.connectionWindow = 65_535
    limits.streamWindow = 200_000
    var machine = Machine.ready(limits: limits)
    let id = machine.opened()
    _ = machine.headersReceived(headers(id, ok))
    #expect(machine.dataReceived(data(id, 65_536)) == .connectionFault(.connectionWindowOverrun))
  }

  @Test
  func paddingIsGivenBackByItself() throws {
    var machine = Machine.ready()
    let id = machine.opened()
    _ = machine.headersReceived(headers(id, ok))
    for _ in 0..<513 {
      _ = machine.dataReceived(
        DataFrame(
          streamID: id, payload: ByteBuffer(bytes: [1]), flowControlledBytes: 257, endStream: false, isEmptyFrame: false
        ))
    }
    #expect(
      try machine.takeFrames() == [.windowUpdate(WindowUpdateFrame(streamID: id, increment: 131_072))])
  }

  @Test
  func nothingIsSentBeyondEitherWindow() throws {
    var machine = Machine.ready([.init(.initialWindowSize, 10)])
    let id = machine.opened()
    #expect(machine.send(Array(0..<25), endStream: true, on: id) == .proceed)
    #expect(
      try machine.takeFrames() == [
        .data(DataFrame(streamID: id, payload: ByteBuffer(bytes: Array(0..<10)), endStream: false))
      ])
    #expect(machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 14), at: now) == .none)
    #expect(
      try machine.takeFrames() == [
        .data(DataFrame(streamID: id, payload: ByteBuffer(bytes: Array(10..<24)), endStream: false))
      ])
    #expect(machine.settingsReceived(SettingsFrame([.init(.initialWindowSize, 11)]), at: now) == .changed)
    #expect(
      try machine.takeFrames() == [
        .settings(.acknowledgement), .data(DataFrame(streamID: id, payload: ByteBuffer(bytes: [24]), endStream: true)),
      ])
  }

  @Test
  func endWithoutBytesNeedsNoWindow() throws {
    var machine = Machine.ready([.init(.initialWindowSize, 0)])
    let id = machine.opened()
    #expect(machine.send([], endStream: true, on: id) == .proceed)
    #expect(try machine.takeFrames() == [.data(DataFrame(streamID: id, payload: ByteBuffer(), endStream: true))])
    #expect(machine.send([1], on: id) == .streamGone)
  }

  @Test
  func loweredInitialWindowCanMakeAWindowNegative() throws {
    var machine = Machine.ready([.init(.initialWindowSize, 100)])
    let id = machine.opened()
    #expect(machine.send(Array(repeating: 1, count: 100), on: id) == .proceed)
    _ = machine.settingsReceived(SettingsFrame([.init(.initialWindowSize, 20)]), at: now)
    machine.outboundTaken()
    #expect(machine.send([1], on: id) == .proceed)
    _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 80), at: now)
    #expect(machine.outbound.readableBytes == 0)
    _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 1), at: now)
    #expect(machine.outbound.readableBytes == 10)
  }

  @Test
  func windowOverflowsAreFaults() {
    var machine = Machine.ready()
    let id = machine.opened()
    #expect(
      machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 0x7fff_ffff), at: now)
        == .streamFault(.windowOverflow))
    #expect(
      machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: 0x7fff_ffff), at: now)
        == .connectionFault(.windowOverflow))
    machine = Machine.ready()
    let other = machine.opened()
    _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: other, increment: 0x7fff_0000), at: now)
    #expect(
      machine.settingsReceived(SettingsFrame([.init(.initialWindowSize, 0x7fff_ffff)]), at: now)
        == .connectionFault(.windowOverflow))
  }

  @Test
  func updatesOfNothingAreFaults() {
    var machine = Machine.ready()
    let id = machine.opened()
    #expect(
      machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 0), at: now)
        == .streamFault(.zeroWindowUpdate))
    #expect(
      machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: 0), at: now)
        == .connectionFault(.zeroWindowUpdate))
  }

  @Test
  func senderIsToldToPauseAndToGoOn() {
    var machine = Machine.ready([.init(.initialWindowSize, 0)])
    let id = machine.opened()
    #expect(machine.send(Array(repeating: 1, count: 65_536), on: id) == .proceed)
    #expect(machine.send([1], on: id) == .pause)
    _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 32_768), at: now)
    #expect(machine.nextDrainedStream() == nil)
    _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 1), at: now)
    #expect(machine.nextDrainedStream() == id)
    #expect(machine.nextDrainedStream() == nil)
  }

  @Test
  func socketThatTakesNothingHoldsDataBack() throws {
    var machine = Machine.ready()
    let id = machine.opened()
    machine.transportWritabilityChanged(false)
    #expect(machine.send([1], endStream: true, on: id) == .proceed)
    #expect(machine.outbound.readableBytes == 0)
    machine.transportWritabilityChanged(true)
    machine.resumeSending()
    #expect(
      try machine.takeFrames() == [.data(DataFrame(streamID: id, payload: ByteBuffer(bytes: [1]), endStream: true))])
  }

  @Test
  func uploadsShareTheConnectionsWindow() throws {
    var machine = Machine.ready([.init(.initialWindowSize, 1_000_000)])
    let ids = (0..<4).map { _ in machine.opened() }
    for id in ids { _ = machine.send(Array(repeating: 1, count: 500_000), on: id) }
    machine.outboundTaken()
    _ = machine.windowUpdateReceived(WindowUpdateFrame(streamID: .connection, increment: 250_000), at: now)
    var sent: [StreamID: Int] = [:]
    for case .data(let frame) in try machine.takeFrames() {
      sent[frame.streamID, default: 0] += frame.payload.readableBytes
    }
    #expect(sent.count == 4)
    #expect(sent.values.reduce(0, +) == 250_000)
  }
}
