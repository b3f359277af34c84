import ProtobufJSON

/// An output buffer that is lent out and taken back, so that transcoding allocates nothing per message.
final class ScratchBuffer {
  var buffer = OutputBuffer(minimumCapacity: 4096)
}

/// The scratch buffers of one event loop.
struct ScratchPool {
  /// As many as are kept for later; what is beyond that was a burst.
  private static let maximumKept = 16

  private var free: [ScratchBuffer] = []

  mutating func take() -> ScratchBuffer {
    free.popLast() ?? ScratchBuffer()
  }

  mutating func giveBack(_ scratch: ScratchBuffer) {
    guard free.count < Self.maximumKept else { return }
    scratch.buffer.removeAll()
    free.append(scratch)
  }
}
