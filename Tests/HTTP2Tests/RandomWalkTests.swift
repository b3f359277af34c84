import NIOCore
import NIOHPACK
import SeedDump
import Testing

@testable import HTTP2

/// Walks at random, by seeds: what happens must never trap, and what the machine says must add up.
struct RandomWalkTests {
  /// Feeds the machine everything in `bytes` and, now and then, does what an owner does.
  static func feed(
    _ machine: inout Machine, _ reader: inout FrameReader, _ bytes: ByteBuffer, _ random: inout SeededRandom
  ) {
    reader.append(bytes)
    do throws(ConnectionFault) {
      while let frame = try reader.next() {
        switch frame {
        case .data(let frame): _ = machine.dataReceived(frame)
        case .headers(let frame): _ = machine.headersReceived(frame)
        case .continuation(let frame): _ = machine.continuationReceived(frame)
        case .resetStream(let frame): _ = machine.resetReceived(frame, at: now)
        case .settings(let frame): _ = machine.settingsReceived(frame, at: now)
        case .ping(let frame): _ = machine.pingReceived(frame, at: now)
        case .goAway(let frame): _ = machine.goAwayReceived(frame)
        case .windowUpdate(let frame): _ = machine.windowUpdateReceived(frame, at: now)
        case .pushPromise: _ = machine.pushPromiseReceived()
        case .priority, .unknown: break
        }
        act(&machine, &random)
      }
    } catch {
      machine.failed(error)
    }
  }

  static func act(_ machine: inout Machine, _ random: inout SeededRandom) {
    let streams = machine.streams.ids
    let id = streams.randomElement(using: &random) ?? StreamID(1)
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1: _ = machine.open(testHead, metadata: LiteralFields([("a", "b")]))
    case 2, 3:
      _ = machine.send(
        Array(repeating: 1, count: Int.random(in: 0...70_000, using: &random)),
        endStream: Bool.random(using: &random), on: id)
    case 4: machine.giveBack(Int.random(in: -1...300_000, using: &random), on: id)
    case 5: machine.reset(id, .cancel)
    case 6: machine.outboundTaken()
    default:
      machine.transportWritabilityChanged(Bool.random(using: &random))
      machine.resumeSending()
    }
    while machine.nextDrainedStream() != nil {}
  }

  @Test(arguments: 0..<40)
  func arbitraryBytesNeverTrap(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<20 {
      var machine = Machine()
      machine.connected()
      var reader = machine.makeFrameReader()
      // Frames with sound headers get further than noise.
      var bytes = ByteBuffer()
      SettingsFrame([]).write(into: &bytes)
      for _ in 0..<60 {
        let length = [0, 1, 4, 5, 6, 8, 9, 12, 100].randomElement(using: &random) ?? 0
        let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        let isWild = Int.random(in: 0..<60, using: &random) == 0
        FrameHeader(
          length: isWild ? Int.random(in: 0..<20_000, using: &random) : length,
          type: FrameType(rawValue: UInt8.random(in: 0...10, using: &random)),
          flags: FrameFlags(rawValue: UInt8.random(in: 0...255, using: &random)),
          streamID: StreamID([0, 1, 3, 5, 7, 2].randomElement(using: &random) ?? 0)
        ).write(into: &bytes)
        bytes.writeBytes(noise)
      }
      while bytes.readableBytes > 0 {
        let piece = bytes.readSlice(length: min(bytes.readableBytes, Int.random(in: 1...200, using: &random)))
        Self.feed(&machine, &reader, piece ?? ByteBuffer(), &random)
      }
    }
  }

  @Test(arguments: 0..<40)
  func mutatedConversationsNeverTrap(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for dump in SeedDump.all {
      for _ in 0..<10 {
        var bytes = Array(dump.bytes(from: .server).readableBytesView)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        var machine = Machine()
        machine.connected()
        var reader = machine.makeFrameReader()
        Self.feed(&machine, &reader, ByteBuffer(bytes: bytes), &random)
      }
    }
  }

  @Test(arguments: 0..<20)
  func soundServerIsNeverAccused(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var machine = Machine()
    machine.connected()
    var reader = machine.makeFrameReader()
    var server = ModelServer(seed: seed)
    var delivered: [StreamID: Int] = [:]
    var finished = Set<StreamID>()
    for _ in 0..<600 {
      // The owner: opens, uploads, takes what came, cancels rarely.
      switch Int.random(in: 0..<10, using: &random) {
      case 0, 1: _ = machine.open(testHead)
      case 2, 3, 4:
        if let id = machine.streams.ids.randomElement(using: &random) {
          _ = machine.send(
            Array(repeating: 7, count: Int.random(in: 0...50_000, using: &random)),
            endStream: Int.random(in: 0..<4, using: &random) == 0, on: id)
        }
      case 5, 6, 7:
        if let id = delivered.keys.sorted().randomElement(using: &random) {
          machine.giveBack(delivered[id] ?? 0, on: id)
          delivered[id] = nil
        }
      case 8:
        if Int.random(in: 0..<5, using: &random) == 0, let id = machine.streams.ids.randomElement(using: &random) {
          machine.reset(id, .cancel)
          finished.insert(id)
        }
      default: machine.resumeSending()
      }
      try server.receive(machine.outbound)
      machine.outboundTaken()
      machine.resumeSending()
      server.act(&random)
      reader.append(server.takeOutbound(&random))
      while let frame = try reader.next() {
        switch frame {
        case .data(let frame):
          let action = machine.dataReceived(frame)
          if case .deliver(let endStream) = action {
            delivered[frame.streamID, default: 0] += frame.payload.readableBytes
            if endStream { finished.insert(frame.streamID) }
          } else {
            #expect(action == .discard && finished.contains(frame.streamID))
          }
        case .headers(let frame):
          switch machine.headersReceived(frame) {
          case .none: #expect(finished.contains(frame.streamID))
          case .response(let id, _, let endStream): if endStream { finished.insert(id) }
          case .trailers(let id, _): finished.insert(id)
          case .streamFault(_, let fault): Issue.record("\(fault)")
          case .connectionFault(let fault): Issue.record("\(fault)")
          }
        case .resetStream(let frame):
          if case .reset = machine.resetReceived(frame, at: now) { finished.insert(frame.streamID) }
        case .settings(let frame):
          if case .connectionFault(let fault) = machine.settingsReceived(frame, at: now) { Issue.record("\(fault)") }
        case .windowUpdate(let frame): #expect(machine.windowUpdateReceived(frame, at: now) == .none)
        case .ping(let frame): #expect(machine.pingReceived(frame, at: now) == .none)
        default: Issue.record("\(frame)")
        }
      }
      #expect(machine.isClosed == false)
    }
    #expect(!finished.isEmpty)
  }
}
