import GRPCUpstream
import Transcoding

/// A rule that a request has matched, and the upstream method it goes to.
struct Route {
  let binding: MethodBinding
  /// One object per upstream method, since connections keep its header block.
  let upstream: UpstreamRoute
  /// The place of its upstream among those of an event loop.
  let upstreamIndex: Int
  /// The place of the method among those that are served.
  let methodIndex: Int

  var clientStreaming: Bool { binding.mode.streamsRequest }
  var serverStreaming: Bool { binding.mode.streamsResponse }
  var isStreaming: Bool { binding.mode != .unary }
}
