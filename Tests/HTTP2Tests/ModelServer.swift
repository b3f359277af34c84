import NIOCore
import NIOHPACK
import Testing

@testable import HTTP2

/// A server that keeps every rule, acts at random, and checks that its client keeps them too.
struct ModelServer: ~Copyable {
  private struct Stream {
    var clientEnded = false
    var responded = false
    /// What the client may still send here.
    var window: Int
    /// What we may still send.
    var sendWindow = 65_535
    var received = 0
  }

  private var reader = FrameReader(expecting: .clientPreface, dataDelivery: .wholeFrames)
  private var headerReader = HeaderBlockReader(limits: ConnectionLimits())
  private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
  private var streams: [StreamID: Stream] = [:]
  private var outbound = ByteBuffer()
  private var lastStream = StreamID.connection
  private var window = 65_535
  private var sendWindow = 65_535
  /// The client's INITIAL_WINDOW_SIZE, and ours as the client has acknowledged it.
  private var clientInitialWindow = 65_535
  private var initialWindow = 65_535
  private var unacknowledgedWindows: [Int?] = []
  private var maximumStreams = Int.max

  init(seed: UInt64) {
    let first: Int? = seed % 3 == 0 ? 1000 : nil
    var settings: [SettingsFrame.Parameter] = [.init(.maxConcurrentStreams, 10)]
    if let first { settings.append(.init(.initialWindowSize, UInt32(first))) }
    if seed % 2 == 0 { settings.append(.init(.headerTableSize, 100)) }
    SettingsFrame(settings).write(into: &outbound)
    unacknowledgedWindows.append(first)
    maximumStreams = 10
  }

  mutating func takeOutbound(_ random: inout SeededRandom) -> ByteBuffer {
    let count =
      Bool.random(using: &random) ? outbound.readableBytes : Int.random(in: 0...outbound.readableBytes, using: &random)
    return outbound.readSlice(length: count) ?? ByteBuffer()
  }

  mutating func receive(_ bytes: ByteBuffer) throws {
    reader.append(bytes)
    while let frame = try reader.next() {
      switch frame {
      case .settings(let settings):
        guard settings.isAcknowledgement else {
          for parameter in settings.parameters where parameter.id == .initialWindowSize {
            for id in streams.keys { streams[id]?.sendWindow += Int(parameter.value) - clientInitialWindow }
            clientInitialWindow = Int(parameter.value)
          }
          SettingsFrame.acknowledgement.write(into: &outbound)
          continue
        }
        try #require(!unacknowledgedWindows.isEmpty)
        if let size = unacknowledgedWindows.removeFirst() {
          for id in streams.keys { streams[id]?.window += size - initialWindow }
          initialWindow = size
        }
      case .headers(let headers):
        let list = try headerReader.headers(headers.fragment, isComplete: headers.endHeaders)
        #expect(list?.kind == .request)
        #expect(headers.streamID > lastStream && headers.streamID.isOpenedByClient)
        #expect(streams.count < maximumStreams)
        lastStream = headers.streamID
        streams[headers.streamID] = Stream(
          clientEnded: headers.endStream, window: initialWindow, sendWindow: clientInitialWindow)
      case .data(let data):
        #expect(data.streamID <= lastStream)
        window -= data.flowControlledBytes
        #expect(window >= 0)
        guard var stream = streams[data.streamID] else { continue }
        #expect(!stream.clientEnded)
        stream.window -= data.flowControlledBytes
        stream.received += data.flowControlledBytes
        #expect(stream.window >= 0 || data.flowControlledBytes == 0)
        stream.clientEnded = data.endStream
        streams[data.streamID] = stream
      case .resetStream(let reset): streams[reset.streamID] = nil
      case .windowUpdate(let update):
        #expect(update.increment > 0)
        if update.streamID == .connection {
          sendWindow += update.increment
        } else {
          streams[update.streamID]?.sendWindow += update.increment
        }
      case .ping(let ping): #expect(ping.isAcknowledgement)
      default: Issue.record("\(frame)")
      }
    }
  }

  mutating func act(_ random: inout SeededRandom) {
    let id = streams.keys.sorted().randomElement(using: &random)
    switch Int.random(in: 0..<12, using: &random) {
    case 0: PingFrame(payload: random.next()).write(into: &outbound)
    case 1:
      let size = Int.random(in: 0...100_000, using: &random)
      SettingsFrame([.init(.initialWindowSize, UInt32(size))]).write(into: &outbound)
      unacknowledgedWindows.append(size)
    case 2, 3:
      let increment = Int.random(in: 1...100_000, using: &random)
      window += increment
      WindowUpdateFrame(streamID: .connection, increment: increment).write(into: &outbound)
    case 4, 5:
      guard let id else { return }
      let increment = Int.random(in: 1...100_000, using: &random)
      streams[id]?.window += increment
      WindowUpdateFrame(streamID: id, increment: increment).write(into: &outbound)
    case 6:
      guard let id, Int.random(in: 0..<6, using: &random) == 0 else { return }
      ResetStreamFrame(streamID: id, code: .internalError).write(into: &outbound)
      streams[id] = nil
    case 7, 8, 9:
      guard let id, var stream = streams[id] else { return }
      if !stream.responded {
        stream.responded = true
        headers(id, [(":status", "200"), ("content-type", "application/grpc")], endStream: false)
      }
      let count = min(Int.random(in: 0...16_000, using: &random), stream.sendWindow, sendWindow)
      if count > 0 {
        DataFrame(streamID: id, payload: ByteBuffer(repeating: 3, count: count), endStream: false).write(
          into: &outbound)
        stream.sendWindow -= count
        sendWindow -= count
      }
      streams[id] = stream
    default:
      guard let id, let stream = streams[id], Int.random(in: 0..<3, using: &random) == 0 else { return }
      let status = ("grpc-status", "\(Int.random(in: 0..<17, using: &random))")
      headers(id, stream.responded ? [status] : [(":status", "200"), status], endStream: true)
      // A client that had not ended resets; until that is here the stream counts for it.
      streams[id] = nil
    }
  }

  private mutating func headers(_ id: StreamID, _ fields: [(String, String)], endStream: Bool) {
    var block = ByteBuffer()
    do { try encoder.encode(headers: HPACKHeaders(fields), to: &block) } catch { Issue.record(error) }
    HeadersFrame(streamID: id, fragment: block, endStream: endStream).write(into: &outbound)
  }
}
