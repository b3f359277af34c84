import GRPCUpstream
import Transcoding

/// A rule that requests match, and the upstream method it goes to; made once for all of its requests.
final class Route: Sendable {
  let binding: MethodBinding
  /// One object per upstream method, since connections keep its header block.
  let upstream: UpstreamRoute
  /// The place of its upstream among those of an event loop.
  let upstreamIndex: Int
  /// The place of the method among those that are served.
  let methodIndex: Int

  init(binding: MethodBinding, upstream: UpstreamRoute, upstreamIndex: Int, methodIndex: Int) {
    self.binding = binding
    self.upstream = upstream
    self.upstreamIndex = upstreamIndex
    self.methodIndex = methodIndex
  }

  var clientStreaming: Bool { binding.mode.streamsRequest }
  var serverStreaming: Bool { binding.mode.streamsResponse }
  var isStreaming: Bool { binding.mode != .unary }
}
