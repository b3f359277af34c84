internal import HTTP2

/// Keeps what a script wants to send until the gateway's windows let it out, as a sound server does.
struct PacedStreams {
  private struct Waiting {
    let id: StreamID
    var bytes: ArraySlice<UInt8>
    var ends: Bool
  }

  private var waiting: [Waiting] = []
  private var windows: [StreamID: Int] = [:]
  private var connectionWindow = 65_535
  private var initialWindow = 65_535

  mutating func append(_ id: StreamID, _ bytes: [UInt8], ends: Bool) {
    if let index = waiting.firstIndex(where: { $0.id == id }) {
      waiting[index].bytes += bytes
      waiting[index].ends = ends
    } else {
      waiting.append(Waiting(id: id, bytes: bytes[...], ends: ends))
    }
  }

  func unsent(_ id: StreamID) -> Int {
    waiting.first { $0.id == id }?.bytes.count ?? 0
  }

  mutating func received(_ frame: Frame) {
    switch frame {
    case .settings(let settings):
      for parameter in settings.parameters where parameter.id == .initialWindowSize {
        for id in windows.keys { windows[id, default: 0] += Int(parameter.value) - initialWindow }
        initialWindow = Int(parameter.value)
      }
    case .windowUpdate(let update) where update.streamID == .connection: connectionWindow += update.increment
    case .windowUpdate(let update): windows[update.streamID, default: initialWindow] += update.increment
    case .resetStream(let reset): waiting.removeAll { $0.id == reset.streamID }
    default: break
    }
  }

  /// The next frame's worth that may go.
  mutating func next() -> (id: StreamID, bytes: [UInt8], ends: Bool)? {
    for index in waiting.indices {
      let stream = waiting[index]
      let window = windows[stream.id, default: initialWindow]
      let count = min(stream.bytes.count, window, connectionWindow, 16_384)
      guard count > 0 || stream.bytes.isEmpty else { continue }
      windows[stream.id] = window - count
      connectionWindow -= count
      waiting[index].bytes = stream.bytes.dropFirst(count)
      let isDone = waiting[index].bytes.isEmpty
      if isDone { waiting.remove(at: index) }
      if count == 0, !stream.ends { return next() }
      return (stream.id, Array(stream.bytes.prefix(count)), isDone && stream.ends)
    }
    return nil
  }
}
