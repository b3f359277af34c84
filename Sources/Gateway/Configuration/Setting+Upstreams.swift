import GRPCUpstream
import HTTP2
import NIOCore

extension Setting {
  static let balancing: [Setting] = [
    Setting(
      "balancing.balancing_policy", \.upstreamLimits.balancing.policy, .choice, startOnly: true,
      "How calls are spread over an upstream's addresses: in turn, or to the less busy of two that are drawn."),
    Setting(
      "balancing.max_addresses", \.upstreamLimits.balancing.maximumAddresses, .count(1...1000), startOnly: true,
      "Addresses of one name that are used: each costs every thread a connection."),
    Setting(
      "balancing.resolve_interval", \.upstreamLimits.balancing.resolveInterval, .time, startOnly: true,
      "A name is resolved again so often, since a new address ends no connection; 0 for lost connections only."),
    Setting(
      "balancing.min_resolve_interval", \.upstreamLimits.balancing.minimumResolveInterval, .time, startOnly: true,
      "The least time between two resolutions, however many connections are lost: what gRPC's clients keep."),
    Setting(
      "balancing.upstream_idle_timeout", \.upstreamLimits.balancing.idleTimeout, .time, startOnly: true,
      "Connections upstream are closed after so long without a call: gRPC's default; 0 for never."),
    Setting(
      "balancing.health_service", optional: \.upstreamLimits.balancing.healthService, .healthService, startOnly: true,
      "Follow this service's grpc.health.v1 state on each connection and send no calls where it does not serve; * for "
        + "the whole server."),
    Setting(
      "balancing.backoff_initial", \.upstreamLimits.backoff.initial, .time, startOnly: true,
      "After the first attempt to connect that failed."),
    Setting(
      "balancing.backoff_multiplier", \.upstreamLimits.backoff.multiplier, .decimal(1...10), startOnly: true,
      "The next is so many times longer: gRPC's own number."),
    Setting(
      "balancing.backoff_jitter", \.upstreamLimits.backoff.jitter, .decimal(0...0.9), startOnly: true,
      "The share by which it differs, so that gateways do not come back all at once."),
    Setting(
      "balancing.backoff_max", \.upstreamLimits.backoff.maximum, .time, startOnly: true,
      "The longest: gRPC's 2 minutes are too long for a caller who waits."),
    Setting(
      "balancing.backoff_under_demand", \.upstreamLimits.backoff.minimumUnderDemand, .time, startOnly: true,
      "A call brings the next attempt forward to so long after the last, while no address is connected."),
  ]

  static let http2: [Setting] = [
    Setting(
      "http2.max_frame_size", \.upstreamLimits.http2.maximumFrameSize, .size(16_384...16_777_215), startOnly: true,
      "Of the upstream: the protocol's own default."),
    Setting(
      "http2.stream_window", \.upstreamLimits.http2.streamWindow, .size(1024...0x7FFF_FFFF), startOnly: true,
      "What one stream whose caller does not read may hold."),
    Setting(
      "http2.connection_window", \.upstreamLimits.http2.connectionWindow, .size(65_535...0x7FFF_FFFF), startOnly: true,
      "Of all streams, given back on receipt: a caller who does not read never stops the others."),
    Setting(
      "http2.max_header_list", \.upstreamLimits.http2.maximumHeaderListSize, .size(1024...0x7FFF_FFFF), startOnly: true,
      "Initial or trailing metadata of the upstream; a longer list ends its call."),
    Setting(
      "http2.max_decoded_header_list", \.upstreamLimits.http2.maximumDecodedHeaderListSize, .size(1024...0x7FFF_FFFF),
      startOnly: true, "What is decoded of one at most; a longer list ends the connection."),
    Setting(
      "http2.max_continuations", \.upstreamLimits.http2.maximumContinuations, .count(0...1000), startOnly: true,
      "CONTINUATION frames behind one HEADERS; one more ends the connection."),
    Setting(
      "http2.max_empty_data", \.upstreamLimits.http2.maximumEmptyDataFrames, .count(1...1_000_000), startOnly: true,
      "DATA frames in a row without data; one more ends the connection."),
    Setting(
      "http2.max_interim_responses", \.upstreamLimits.http2.maximumInformationalResponses, .count(0...1_000_000),
      startOnly: true, "1xx responses of one call; one more ends it."),
    Setting(
      "http2.max_control_frames", \.upstreamLimits.http2.maximumControlFramesPerSecond, .count(100...1_000_000_000),
      startOnly: true, "PING, SETTINGS, RST_STREAM, WINDOW_UPDATE in a second, each; more end the connection."),
    Setting(
      "http2.max_streams", \.upstreamLimits.http2.maximumConcurrentStreams, .count(1...1_000_000), startOnly: true,
      "Calls on one connection at a time, whatever more the upstream allows."),
    Setting(
      "http2.max_outbound", \.upstreamLimits.http2.maximumOutboundBytes, .size(16_384...0x7FFF_FFFF), startOnly: true,
      "Bytes of all calls that may wait for the socket before each waits by itself."),
  ]
}
