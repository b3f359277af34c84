import Synchronization

/// The lines that wait to be written, bounded: a log that cannot keep up loses lines and says how many, and never
/// holds a call back.
public final class AccessLog: Sendable {
  /// 1 MiB: about 3000 lines, a fraction of a second of a busy gateway.
  public static let defaultCapacity = 1024 * 1024

  private struct State {
    var lines: [UInt8] = []
    /// Since the last line that told of them.
    var dropped = 0
    var totalDropped = 0
    var isAwake = false
  }

  private let state = Mutex(State())
  private let capacity: Int
  let format: AccessLogFormat
  private let wake: @Sendable () -> Void

  /// - Parameter wake: called, from any thread, when there is something to take and nobody was told yet.
  public init(format: AccessLogFormat, capacity: Int = AccessLog.defaultCapacity, wake: @escaping @Sendable () -> Void)
  {
    self.format = format
    self.capacity = capacity
    self.wake = wake
  }

  public var dropped: Int { state.withLock { $0.totalDropped } }

  func append(_ record: AccessRecord) {
    let line = format.line(record)
    let wakes = state.withLock { state in
      guard state.lines.count + line.count <= capacity else {
        state.dropped += 1
        state.totalDropped += 1
        return false
      }
      state.lines.append(contentsOf: line)
      defer { state.isAwake = true }
      return !state.isAwake
    }
    if wakes { wake() }
  }

  /// Everything that waits; empty when there is nothing, and then `wake` will be called again.
  public func take() -> [UInt8] {
    state.withLock { state in
      var lines: [UInt8] = []
      swap(&lines, &state.lines)
      if state.dropped > 0 {
        lines.append(contentsOf: format.gap(state.dropped))
        state.dropped = 0
      }
      if lines.isEmpty { state.isAwake = false }
      return lines
    }
  }
}
