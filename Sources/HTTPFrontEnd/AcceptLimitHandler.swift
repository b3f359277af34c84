public import NIOCore
import Synchronization

/// Keeps a listening channel from accepting more connections than the process can hold.
public final class AcceptLimitHandler: ChannelDuplexHandler {
  public typealias InboundIn = any Channel
  public typealias InboundOut = any Channel
  public typealias OutboundIn = any Channel
  public typealias OutboundOut = any Channel

  /// NIO's own number for listening channels.
  private static let usualBatch = 16

  private var machine: AcceptStateMachine
  private var batch = AcceptLimitHandler.usualBatch
  private let pauses: AcceptPauses

  public init(maximumConnections: Int, pauses: AcceptPauses) {
    machine = AcceptStateMachine(maximumConnections: maximumConnections)
    self.pauses = pauses
  }

  public func read(context: ChannelHandlerContext) {
    switch machine.readRequested() {
    case .hold: pauses.set(machine.pauses)
    case .accept(let room):
      let wanted = min(room, Self.usualBatch)
      if wanted != batch {
        batch = wanted
        try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: UInt(wanted))
      }
      context.read()
    }
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    machine.connectionAccepted()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
      let (handler, context) = bound.value
      switch handler.machine.connectionClosed() {
      case .none: break
      case .resume: handler.read(context: context)
      }
    }
    context.fireChannelRead(data)
  }
}

/// How often accepting was paused; read from anywhere.
public final class AcceptPauses: Sendable {
  private let value = Atomic<Int>(0)

  public init() {}

  public var count: Int { value.load(ordering: .relaxed) }

  func set(_ count: Int) { value.store(count, ordering: .relaxed) }
}
