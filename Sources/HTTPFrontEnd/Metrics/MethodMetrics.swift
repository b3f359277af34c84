import GRPCWire
import Transcoding

/// What one event loop has counted of one method. Plain integers: nobody else writes them.
final class MethodMetrics {
  private(set) var values = MethodFigures()

  func callEnded(_ code: GRPCCode, nanoseconds: Int64, sent: Int, received: Int) {
    values.codes[code.rawValue] += 1
    values.latency.record(nanoseconds)
    values.messagesSent += sent
    values.messagesReceived += received
  }
}

/// The figures of one method.
public struct MethodFigures: Sendable, Equatable {
  /// Calls by gRPC code, the code as the index.
  public var codes = [Int](repeating: 0, count: 17)
  public var latency = LatencyHistogram()
  /// Messages to the upstream.
  public var messagesSent = 0
  /// Messages to the caller.
  public var messagesReceived = 0

  public init() {}

  public mutating func merge(_ other: MethodFigures) {
    for index in codes.indices { codes[index] += other.codes[index] }
    latency.merge(other.latency)
    messagesSent += other.messagesSent
    messagesReceived += other.messagesReceived
  }
}
