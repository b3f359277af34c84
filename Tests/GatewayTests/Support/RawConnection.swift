import NIOCore
import NIOPosix
import NIOSSL

/// One TCP connection that says exactly what it is told and keeps every byte of the answer.
final class RawConnection: Sendable {
  struct TimedOut: Error {
    var received: String
  }

  private let channel: any Channel
  private let inbox: Inbox

  /// - Parameter tls: for TLS with `localhost`.
  static func open(port: Int, socketBuffer: Int? = nil, tls: NIOSSLContext? = nil) async throws -> RawConnection {
    let inbox = Inbox()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let socketBuffer { try SocketBuffers.set(socketBuffer, of: channel) }
          if let tls {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
          }
          try channel.pipeline.syncOperations.addHandler(Receiver(inbox))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    return RawConnection(channel, inbox)
  }

  private init(_ channel: any Channel, _ inbox: Inbox) {
    self.channel = channel
    self.inbox = inbox
  }

  func send(_ text: String) async throws {
    try await channel.writeAndFlush(ByteBuffer(string: text)).get()
  }

  func send(_ bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  func close() async {
    try? await channel.close().get()
  }

  /// Takes what one read brings, where reading is off.
  func readOnce() { channel.read() }

  func reset() async throws { try await SocketBuffers.reset(channel) }

  /// Stops or resumes taking bytes from the socket.
  func setReading(_ reads: Bool) async throws {
    try await channel.setOption(.autoRead, value: reads).get()
    if reads { channel.read() }
  }

  /// Everything that has come, as soon as `isEnough` says so.
  func receive(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
    try await waiting { await $0.wait { text, _ in isEnough(text) } }
  }

  /// Everything that has come, byte for byte, as soon as `isEnough` says so; `nil` waits until the other side closes.
  func receiveBytes(until isEnough: (@Sendable ([UInt8]) -> Bool)? = nil) async throws -> [UInt8] {
    if let isEnough {
      _ = try await waiting { await $0.waitForBytes { bytes, isClosed in isClosed || isEnough(bytes) } }
    } else {
      _ = try await receiveToEnd()
    }
    return await inbox.bytes
  }

  private func waiting<Value: Sendable>(_ wait: @escaping @Sendable (Inbox) async -> Value?) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { await wait(self.inbox) }
      group.addTask {
        try await Task.sleep(for: .seconds(20))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else {
        throw TimedOut(received: await inbox.text)
      }
      return value
    }
  }

  /// Everything until the other side closes.
  func receiveToEnd() async throws -> String {
    try await waiting { await $0.wait { _, isClosed in isClosed } }
  }

  /// The next whole answer; what follows stays for the next call.
  func answer(toHead: Bool = false) async throws -> HTTPAnswer {
    let text = try await receive { HTTPAnswer.parse($0, toHead: toHead) != nil }
    guard let (answer, rest) = HTTPAnswer.parse(text, toHead: toHead) else { throw TimedOut(received: text) }
    // More may have come meanwhile: what was parsed is taken off the front.
    await inbox.drop(text.utf8.count - rest.utf8.count)
    return answer
  }
}

/// What has come on a connection and who waits for more.
private actor Inbox {
  private(set) var bytes: [UInt8] = []
  private var isClosed = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  var text: String { String(decoding: bytes, as: UTF8.self) }

  func append(_ more: [UInt8]) {
    bytes += more
    wake()
  }

  func drop(_ count: Int) { bytes.removeFirst(count) }

  func close() {
    isClosed = true
    wake()
  }

  func wait(until isEnough: (String, Bool) -> Bool) async -> String? {
    await waitForBytes { bytes, isClosed in isEnough(String(decoding: bytes, as: UTF8.self), isClosed) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  func waitForBytes(until isEnough: ([UInt8], Bool) -> Bool) async -> [UInt8]? {
    while !isEnough(bytes, isClosed) {
      if isClosed || Task.isCancelled { return nil }
      await withTaskCancellationHandler {
        await withCheckedContinuation { waiters.append($0) }
      } onCancel: {
        Task { await self.wake() }
      }
    }
    return bytes
  }

  private func wake() {
    for waiter in waiters { waiter.resume() }
    waiters.removeAll()
  }
}

private final class Receiver: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let stream = AsyncStream.makeStream(of: [UInt8]?.self)

  init(_ inbox: Inbox) {
    let events = stream.stream
    // One task, so that the order of the bytes is kept.
    Task {
      for await event in events {
        if let event { await inbox.append(event) } else { await inbox.close() }
      }
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    stream.continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
  }

  func channelInactive(context: ChannelHandlerContext) {
    stream.continuation.yield(nil)
    stream.continuation.finish()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
