import GRPCWire
import HTTP2
import NIOCore
import NIOEmbedded
import NIOHPACK
import Testing

@testable import GRPCUpstream

/// The handler in a channel that is none: what it writes, and when.
struct GatheringTests {
  final class Owner: UpstreamConnectionDelegate {
    var ready = 0
    var closed = 0
    var draining = 0
    var unprocessed = 0

    func connectionReady(_ connection: UpstreamConnectionHandler) { ready += 1 }
    func connectionHasRoom(_ connection: UpstreamConnectionHandler) {}
    func connectionDraining(_ connection: UpstreamConnectionHandler) { draining += 1 }
    func connectionIdle(_ connection: UpstreamConnectionHandler) {}
    func connectionClosed(_ connection: UpstreamConnectionHandler) { closed += 1 }
    func callUnprocessed(_ call: UpstreamCall, orEndWith end: CallEnd) {
      unprocessed += 1
      call.end(end)
    }
  }

  final class Silent: UpstreamCallDelegate {
    var end: CallEnd?
    func upstreamInitialMetadataReceived(_ headers: HPACKHeaders) {}
    func upstreamMessageReceived(_ message: ByteBuffer) {}
    func upstreamWritabilityChanged(_ writable: Bool) {}
    func upstreamFinished(_ end: CallEnd) { self.end = end }
  }

  let loop = EmbeddedEventLoop()
  let channel: EmbeddedChannel
  let owner = Owner()
  let handler: UpstreamConnectionHandler
  let pool: UpstreamPool

  init() throws {
    handler = UpstreamConnectionHandler(eventLoop: loop, configuration: .init(), delegate: owner)
    channel = EmbeddedChannel(handler: handler, loop: loop)
    pool = UpstreamPool(eventLoop: loop, target: UpstreamTarget(host: "h", port: 1))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    try receive { SettingsFrame([]).write(into: &$0) }
    while try channel.readOutbound(as: ByteBuffer.self) != nil {}
  }

  func receive(_ body: (inout ByteBuffer) -> Void) throws {
    var buffer = ByteBuffer()
    body(&buffer)
    try channel.writeInbound(buffer)
  }

  func call(_ delegate: Silent) -> UpstreamCall {
    let call = UpstreamCall(
      resources: pool.resources, route: UpstreamRoute(path: "/a/b"), definition: LiteralFields(),
      metadata: CallMetadata(), replay: ByteBuffer(),
      delegate: delegate)
    call.adopted(by: pool, head: RequestHead([(":method", "POST"), (":path", "/a/b")]))
    return call
  }

  @Test
  func settingsMakeItReadyAndAreAnswered() {
    #expect(owner.ready == 1)
    #expect(handler.freeStreams == 1024)
  }

  @Test
  func everythingOfATickLeavesInOneWrite() throws {
    let delegates = (0..<10).map { _ in Silent() }
    for delegate in delegates {
      let call = call(delegate)
      #expect(handler.start(call))
      call.sendLast(bytes: [1])
    }
    #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    loop.run()
    let written = try #require(try channel.readOutbound(as: ByteBuffer.self))
    #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    var reader = FrameReader(expecting: .anything)
    reader.append(written)
    var count = 0
    while try reader.next() != nil { count += 1 }
    #expect(count == 20)
  }

  @Test
  func answersToOneReadLeaveInOneWriteAtItsEnd() throws {
    try receive {
      for value in 0..<5 { PingFrame(payload: UInt64(value)).write(into: &$0) }
    }
    let written = try #require(try channel.readOutbound(as: ByteBuffer.self))
    #expect(written.readableBytes == 5 * 17)
    #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
  }

  @Test
  func callsThatNeverLeftAreUnprocessed() throws {
    let sent = Silent()
    let unsent = Silent()
    #expect(handler.start(call(sent)))
    loop.run()
    #expect(handler.start(call(unsent)))
    channel.pipeline.fireChannelInactive()
    #expect(owner.closed == 1)
    #expect(owner.unprocessed == 1)
    #expect(sent.end?.origin == .gateway(.connectionLost))
    #expect(unsent.end?.origin == .gateway(.connectionLost))
  }

  @Test
  func faultSaysGoAwayAndCloses() throws {
    let delegate = Silent()
    #expect(handler.start(call(delegate)))
    loop.run()
    while try channel.readOutbound(as: ByteBuffer.self) != nil {}
    try receive { FrameHeader(length: 100_000, type: .data, streamID: StreamID(1)).write(into: &$0) }
    let written = try #require(try channel.readOutbound(as: ByteBuffer.self))
    var reader = FrameReader(expecting: .anything)
    reader.append(written)
    guard case .goAway(let goAway) = try reader.next() else { return #expect(Bool(false)) }
    #expect(goAway.code == .frameSizeError)
    #expect(!channel.isActive)
    #expect(delegate.end?.status.code == .unavailable)
  }

  @Test
  func pingGoesOutAfterSilenceAndIsWaitedFor() throws {
    #expect(handler.start(call(Silent())))
    loop.run()
    while try channel.readOutbound(as: ByteBuffer.self) != nil {}
    loop.advanceTime(by: .seconds(59))
    #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    loop.advanceTime(by: .seconds(1))
    let ping = try #require(try channel.readOutbound(as: ByteBuffer.self))
    #expect(ping.readableBytes == 17)
    loop.advanceTime(by: .seconds(19))
    #expect(channel.isActive)
    loop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test
  func answeredPingKeepsTheConnection() throws {
    #expect(handler.start(call(Silent())))
    var pings = 0
    for _ in 0..<60 {
      loop.advanceTime(by: .seconds(10))
      while let written = try channel.readOutbound(as: ByteBuffer.self) {
        if written.readableBytes == 17 {
          pings += 1
          try receive { PingFrame(payload: 1, isAcknowledgement: true).write(into: &$0) }
        }
      }
      #expect(channel.isActive)
    }
    #expect(pings == 10)
  }
}
