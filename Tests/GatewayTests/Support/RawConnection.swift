import NIOCore
import NIOPosix

/// One TCP connection that says exactly what it is told and keeps every byte of the answer.
final class RawConnection: Sendable {
  struct TimedOut: Error {
    var received: String
  }

  private let channel: any Channel
  private let inbox: Inbox

  static func open(port: Int) async throws -> RawConnection {
    let inbox = Inbox()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Receiver(inbox)) }
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

  /// Stops or resumes taking bytes from the socket.
  func setReading(_ reads: Bool) async throws {
    try await channel.setOption(.autoRead, value: reads).get()
    if reads { channel.read() }
  }

  /// Everything that has come, as soon as `isEnough` says so.
  func receive(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
    try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask { await self.inbox.wait { text, _ in isEnough(text) } }
      group.addTask {
        try await Task.sleep(for: .seconds(20))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let text = first else {
        throw TimedOut(received: await inbox.text)
      }
      return text
    }
  }

  /// Everything until the other side closes.
  func receiveToEnd() async throws -> String {
    try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask { await self.inbox.wait { _, isClosed in isClosed } }
      group.addTask {
        try await Task.sleep(for: .seconds(20))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let text = first else {
        throw TimedOut(received: await inbox.text)
      }
      return text
    }
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
  private(set) var text = ""
  private var isClosed = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  func append(_ more: String) {
    text += more
    wake()
  }

  func drop(_ count: Int) { text = String(decoding: text.utf8.dropFirst(count), as: UTF8.self) }

  func close() {
    isClosed = true
    wake()
  }

  func wait(until isEnough: (String, Bool) -> Bool) async -> String? {
    while !isEnough(text, isClosed) {
      if isClosed || Task.isCancelled { return nil }
      await withTaskCancellationHandler {
        await withCheckedContinuation { waiters.append($0) }
      } onCancel: {
        Task { await self.wake() }
      }
    }
    return text
  }

  private func wake() {
    for waiter in waiters { waiter.resume() }
    waiters.removeAll()
  }
}

private final class Receiver: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let stream = AsyncStream.makeStream(of: String?.self)

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
    stream.continuation.yield(String(buffer: unwrapInboundIn(data)))
  }

  func channelInactive(context: ChannelHandlerContext) {
    stream.continuation.yield(nil)
    stream.continuation.finish()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
