import NIOCore
import NIOPosix
import NIOSSL

/// A WebSocket caller that writes whatever bytes it is told, sound or not, and reads frames.
final class WebSocketPeer {
  struct Frame: Equatable {
    var opcode: UInt8
    var payload: [UInt8]

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// Of a Close frame.
    var code: Int { payload.count < 2 ? 0 : Int(payload[0]) << 8 | Int(payload[1]) }
    var isClose: Bool { opcode == 8 }
  }

  struct Refused: Error {
    var head: String
  }

  private let channel: any Channel
  private let reads: AsyncStream<ByteBuffer>
  private var buffer = ByteBuffer()
  /// The head of the 101, or of whatever came instead.
  private(set) var head = ""

  static let key = "dGhlIHNhbXBsZSBub25jZQ=="

  static func request(_ path: String, _ headers: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\n\(headers)\r\n"
  }

  /// Connects, and closes by itself should the test last too long.
  ///
  /// - Parameter socketBuffer: bytes that the kernel keeps each way, about; `nil` leaves it to the kernel.
  static func connect(port: Int, socketBuffer: Int? = nil, tls: NIOSSLContext? = nil) async throws -> WebSocketPeer {
    let (reads, source) = AsyncStream.makeStream(of: ByteBuffer.self)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let socketBuffer { try SocketBuffers.set(socketBuffer, of: channel) }
          if let tls {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
          }
          try channel.pipeline.syncOperations.addHandler(Reader(source))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    let guarding = channel.eventLoop.scheduleTask(in: .seconds(60)) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in guarding.cancel() }
    return WebSocketPeer(channel, reads)
  }

  /// Upgrades, with `frames` right behind the handshake.
  static func open(
    port: Int, _ path: String, _ headers: String = "", frames: [UInt8] = [], socketBuffer: Int? = nil,
    tls: NIOSSLContext? = nil
  ) async throws -> WebSocketPeer {
    let peer = try await connect(port: port, socketBuffer: socketBuffer, tls: tls)
    try await peer.send(Array(request(path, headers).utf8) + frames)
    try await peer.readHead()
    guard peer.head.hasPrefix("HTTP/1.1 101 ") else { throw Refused(head: peer.head) }
    return peer
  }

  private init(_ channel: any Channel, _ reads: AsyncStream<ByteBuffer>) {
    self.channel = channel
    self.reads = reads
  }

  func readHead() async throws {
    while true {
      let view = buffer.readableBytesView
      if let end = view.indices.first(where: { view[$0...].starts(with: [13, 10, 13, 10]) }) {
        head = buffer.readString(length: end + 4 - view.startIndex) ?? ""
        return
      }
      guard await readMore() else { throw Refused(head: String(buffer: buffer)) }
    }
  }

  private func readMore() async -> Bool {
    for await more in reads {
      buffer.writeImmutableBuffer(more)
      return true
    }
    return false
  }

  // MARK: Sending

  static func frame(
    _ opcode: UInt8, _ payload: [UInt8], fin: Bool = true, reserved: UInt8 = 0, masked: Bool = true
  ) -> [UInt8] {
    let mask: UInt8 = masked ? 0x80 : 0
    var frame: [UInt8] = [(fin ? 0x80 : 0) | reserved << 4 | opcode]
    switch payload.count {
    case ..<126: frame.append(mask | UInt8(payload.count))
    case ..<65_536: frame += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default: frame += [mask | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
    }
    guard masked else { return frame + payload }
    let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    return frame + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
  }

  static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

  static func close(_ code: Int, _ reason: String = "") -> [UInt8] {
    frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
  }

  func send(_ bytes: [UInt8]) async throws { try await sender.send(bytes) }

  /// The sending half, for a task of its own.
  struct Sender: Sendable {
    fileprivate let channel: any Channel

    /// Returns when the kernel has taken all of it.
    func send(_ bytes: [UInt8]) async throws {
      try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func reset() async throws { try await SocketBuffers.reset(channel) }
  }

  var sender: Sender { Sender(channel: channel) }

  func send(_ text: String) async throws { try await send(Self.text(text)) }

  func setReading(_ reads: Bool) async throws {
    try await channel.setOption(.autoRead, value: reads).get()
    if reads { channel.read() }
  }

  func disconnect() async { try? await channel.close().get() }

  // MARK: Receiving

  /// The next frame; `nil` at the connection's end.
  func next() async -> Frame? {
    while true {
      if let frame = parse() { return frame }
      guard await readMore() else { return nil }
    }
  }

  /// The texts until the other side closes, and its code; 1006 where no Close came (RFC 6455 §7.1.5).
  func untilClose() async -> (texts: [String], code: Int) {
    var texts: [String] = []
    while let frame = await next() {
      if frame.isClose { return (texts, frame.code) }
      if frame.opcode == 1 { texts.append(frame.text) }
    }
    return (texts, 1006)
  }

  private func parse() -> Frame? {
    var rest = buffer
    guard let first = rest.readInteger(as: UInt8.self), let short = rest.readInteger(as: UInt8.self) else { return nil }
    var length = Int(short)
    if short == 126 {
      guard let word = rest.readInteger(as: UInt16.self) else { return nil }
      length = Int(word)
    } else if short == 127 {
      guard let word = rest.readInteger(as: UInt64.self) else { return nil }
      length = Int(word)
    }
    guard let payload = rest.readBytes(length: length) else { return nil }
    buffer = rest
    buffer.discardReadBytes()
    // A server's frames are whole messages, unmasked and without reserved bits.
    return Frame(opcode: first & 0xF0 == 0x80 ? first & 0xF : 0xFF, payload: payload)
  }
}

private final class Reader: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let source: AsyncStream<ByteBuffer>.Continuation

  init(_ source: AsyncStream<ByteBuffer>.Continuation) { self.source = source }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { source.yield(unwrapInboundIn(data)) }

  func channelInactive(context: ChannelHandlerContext) { source.finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
