import NIOCore
import NIOHPACK
import SeedDump
import Testing

@testable import HTTP2

/// The recorded connections of the four modes, decoded by our reader and made again by our writer.
struct SeedVectorTests {
  @Test(arguments: SeedDump.all)
  func dumpsAreThere(_ dump: SeedDump) {
    #expect(dump.entries.count > 15)
    #expect(dump.entries.allSatisfy { !$0.bytes.isEmpty })
  }

  @Test(arguments: SeedDump.all, [SeedDump.Side.client, .server])
  func framesAreThoseRecorded(_ dump: SeedDump, _ side: SeedDump.Side) throws {
    let frames = try FrameReader.frames(
      in: dump.bytes(from: side), expecting: side == .client ? .clientPreface : .settings)
    // The recorder leaves the stream out where it is 0, and with WINDOW_UPDATE always.
    #expect(frames.map(SeedDump.label) == dump.labels(from: side))
  }

  @Test(arguments: SeedDump.all, [SeedDump.Side.client, .server])
  func framesDoNotDependOnHowTheBytesArrive(_ dump: SeedDump, _ side: SeedDump.Side) throws {
    let bytes = dump.bytes(from: side)
    let opening: FrameReader.Opening = side == .client ? .clientPreface : .settings
    let whole = try FrameReader.frames(in: bytes, expecting: opening)
    let single = try FrameReader.frames(
      in: bytes, expecting: opening, chunks: Array(repeating: 1, count: bytes.readableBytes))
    #expect(single == whole)
    for cut in 0...bytes.readableBytes {
      let split = try FrameReader.frames(in: bytes, expecting: opening, chunks: [cut, bytes.readableBytes - cut])
      #expect(split == whole)
    }
  }

  @Test(arguments: SeedDump.all, [SeedDump.Side.client, .server])
  func headerListsAreThoseRecorded(_ dump: SeedDump, _ side: SeedDump.Side) throws {
    var reader = HeaderBlockReader(limits: ConnectionLimits())
    for entry in dump.entries where entry.side == side && entry.label.hasPrefix("headers") {
      let frames = try FrameReader.frames(in: ByteBuffer(bytes: entry.bytes), expecting: .anything)
      guard case .headers(let frame) = frames.first else {
        Issue.record("\(entry.label)")
        continue
      }
      let decoded = try reader.headers(frame.fragment, isComplete: frame.endHeaders)
      let list = try #require(decoded)
      let lines = list.headers.map { "\($0.name): \($0.value)" }
      if entry.headers.isEmpty {
        // The recorder could not: the block refers to the table of those before it.
        #expect(frame.streamID == StreamID(3))
        #expect(lines == Self.unprintedHeaders(side, endStream: frame.endStream))
      } else {
        #expect(lines == entry.headers)
      }
    }
  }

  private static func unprintedHeaders(_ side: SeedDump.Side, endStream: Bool) -> [String] {
    switch (side, endStream) {
    case (.client, _):
      [
        ":method: POST", ":scheme: http", ":path: /order.OrderManagement/getOrder", ":authority: 127.0.0.1:9008",
        "content-type: application/grpc", "user-agent: grpc-go/1.44.1-dev", "te: trailers",
      ]
    case (.server, false): [":status: 200", "content-type: application/grpc"]
    case (.server, true): ["grpc-status: 0", "grpc-message: "]
    }
  }

  @Test(arguments: SeedDump.all, [SeedDump.Side.client, .server])
  func framesAreWrittenAsTheyWereRead(_ dump: SeedDump, _ side: SeedDump.Side) throws {
    let bytes = dump.bytes(from: side)
    var written = ByteBuffer()
    if side == .client { written.writeStaticString(ConnectionPreface.bytes) }
    for frame in try FrameReader.frames(in: bytes, expecting: side == .client ? .clientPreface : .settings) {
      switch frame {
      case .data(let data): data.write(into: &written)
      case .headers(let headers): headers.write(into: &written)
      case .settings(let settings): settings.write(into: &written)
      case .ping(let ping): ping.write(into: &written)
      case .windowUpdate(let update): update.write(into: &written)
      default: Issue.record("\(frame)")
      }
    }
    #expect(written == bytes)
  }

  /// The machine plays the recorded client: the frames it sends for the recorded messages are the recorded ones.
  @Test(arguments: SeedDump.all)
  func machineSendsTheRecordedData(_ dump: SeedDump) throws {
    var machine = HTTP2ClientConnectionStateMachine.ready()
    var streams: [StreamID] = []
    for entry in dump.entries where entry.side == .client {
      if entry.label.hasPrefix("headers") { streams.append(machine.opened()) }
      guard entry.label.hasPrefix("data") else { continue }
      let frames = try FrameReader.frames(in: ByteBuffer(bytes: entry.bytes), expecting: .anything)
      guard case .data(let data) = frames.first else {
        Issue.record("\(entry.label)")
        continue
      }
      #expect(streams.last == data.streamID)
      let payload = Array(data.payload.readableBytesView)
      let prefix = payload.prefix(5)
      if !payload.isEmpty { #expect(prefix == [0, 0, 0, 0, UInt8(payload.count - 5)]) }
      let action = machine.send(
        Array(prefix).span.bytes, Array(payload.dropFirst(5)).span.bytes, endStream: data.endStream, on: data.streamID)
      #expect(action == .proceed)
      #expect(Array(machine.outbound.readableBytesView) == entry.bytes)
      machine.outboundTaken()
    }
  }

  /// The machine plays the recorded client against the recorded server, fed at every split.
  @Test(arguments: SeedDump.all)
  func machineUnderstandsTheRecordedServer(_ dump: SeedDump) throws {
    let bytes = dump.bytes(from: .server)
    for cut in 0...bytes.readableBytes {
      var machine = HTTP2ClientConnectionStateMachine()
      machine.connected()
      var reader = machine.makeFrameReader()
      var trailers = 0
      var rest = bytes
      var streamsToOpen = dump.name == "unary" ? 2 : 1
      for size in [cut, bytes.readableBytes - cut] {
        reader.append(rest.readSlice(length: size) ?? ByteBuffer())
        while let frame = try reader.next() {
          switch frame {
          case .settings(let settings):
            if machine.settingsReceived(settings, at: .now()) == .ready {
              for _ in 0..<streamsToOpen { _ = machine.opened() }
              streamsToOpen = 0
            }
          case .headers(let headers):
            switch machine.headersReceived(headers) {
            case .response(_, let list, let endStream):
              #expect(list.kind == .response(status: 200))
              #expect(!endStream)
            case .trailers(_, let list):
              trailers += 1
              #expect(list.headers.first(name: "grpc-status") == "0")
            default: Issue.record("\(headers)")
            }
          case .data(let data): #expect(machine.dataReceived(data) == .deliver(endStream: false))
          case .ping(let ping): #expect(machine.pingReceived(ping, at: .now()) == .none || ping.isAcknowledgement)
          case .windowUpdate(let update): #expect(machine.windowUpdateReceived(update, at: .now()) == .none)
          default: Issue.record("\(frame)")
          }
        }
      }
      #expect(trailers == (dump.name == "unary" ? 2 : 1))
      #expect(machine.openStreamCount == 0)
    }
  }
}
