import GRPCUpstream
import GRPCWire
import HTTPFrontEnd
import Logging
import ProtobufJSON
import Transcoding

extension Setting {
  /// Every setting, in the order of the documentation. A new one is a line here.
  public static let all: [Setting] =
    basics + transport + values + answers + lifecycle + limits + times + upstreamLimits + balancing + http2

  private static let basics: [Setting] = [
    Setting(
      "listen", \.listen, .address, startOnly: true, "Where callers reach the gateway; port 0 lets the system choose."),
    Setting(
      "admin_listen", optional: \.adminListen, .address, startOnly: true,
      "A listener of their own for health, metrics and OpenAPI, out of the callers' reach."),
    Setting(
      "upstream", optional: \.upstream, .upstream, startOnly: true,
      "The gRPC server: HTTP/2, in cleartext unless upstream_tls is set; a name whose addresses share the calls, or ipv4: "
        + "and ipv6: with a list."),
    Setting(
      "service_config", optional: \.serviceConfig, .file,
      "gRPC's service config (JSON or YAML) with retry policies: which failed calls are made again."),
    Setting("descriptors", list: \.descriptors, .file, "FileDescriptorSets with their imports, as protoc makes them."),
    Setting("rules", list: \.rules, .file, "Service configurations with http.rules (YAML)."),
    Setting("proto", list: \.proto, .file, "Files or directories of .proto, compiled by protoc at the start."),
    Setting("proto_path", list: \.protoPath, .file, "Where their imports are looked for first."),
    Setting(
      "reflection", \.reflection, .flag, "Ask the upstream itself for its schema (grpc.reflection.v1 or v1alpha)."),
    Setting(
      "auto_mapping", \.transcoding.mapsEveryMethod, .flag, "Serve every method as POST /package.Service/Method too."),
    Setting(
      "built_in_endpoints", \.builtInEndpoints, .flag, startOnly: true,
      "Answer /healthz, /readyz, /metrics, /openapi.json and /openapi.yaml; else those paths are the service's."),
    Setting(
      "threads", \.threads, .count(1...256), startOnly: true, "Event loops; each has its own connections upstream."),
  ]

  private static let transport: [Setting] = [
    Setting(
      "tls.tls_certificate", optional: \.tls.certificate, .file, startOnly: true,
      "HTTPS: the certificate and its intermediate ones (PEM). The file is read anew on SIGHUP, as are those below."),
    Setting("tls.tls_key", optional: \.tls.key, .file, startOnly: true, "Its key (PEM, without a passphrase)."),
    Setting(
      "tls.client_ca", optional: \.tls.clientAuthorities, .file, startOnly: true,
      "Authorities whose client certificates hold (PEM)."),
    Setting(
      "tls.client_certificate", optional: \.tls.clientCertificate, .choice, startOnly: true,
      "Whether callers show one: required where client_ca is given, else none."),
    Setting(
      "tls.min_tls_version", \.tls.floor, .choice, startOnly: true,
      "The oldest version callers may speak; RFC 8996 forbids those before 1.2."),
    Setting(
      "upstream_tls.upstream_tls", \.upstreamTLS.isOn, .flag, startOnly: true,
      "Speak TLS to the upstream, 1.2 or newer, with HTTP/2 agreed by ALPN."),
    Setting(
      "upstream_tls.upstream_ca", optional: \.upstreamTLS.authorities, .file, startOnly: true,
      "Authorities whose certificates the upstream may have (PEM); the system's where none are given."),
    Setting(
      "upstream_tls.upstream_certificate", optional: \.upstreamTLS.certificate, .file, startOnly: true,
      "The gateway's own certificate, for upstreams that ask for one (mTLS; PEM)."),
    Setting("upstream_tls.upstream_key", optional: \.upstreamTLS.key, .file, startOnly: true, "Its key (PEM)."),
    Setting(
      "upstream_tls.upstream_server_name", optional: \.upstreamTLS.serverName, .text, startOnly: true,
      "The name that the upstream's certificate has to hold, unless it holds its address, and SNI; else its host."),
    Setting(
      "upstream_tls.upstream_insecure", \.upstreamTLS.skipsVerification, .flag, startOnly: true,
      "Take any certificate of whomever: to try things out, never to serve."),
  ]

  private static let values: [Setting] = [
    Setting(
      "values.omit_defaults", \.omitDefaults, .flag, "Leave out fields without presence that hold their default."),
    Setting(
      "values.proto_field_names", \.transcoding.decoding.protoFieldNames, .flag,
      "Write fields by their names in the .proto file."),
    Setting("values.enums_as_numbers", \.transcoding.decoding.enumsAsNumbers, .flag, "Write enum values as numbers."),
    Setting(
      "values.indent", optional: \.transcoding.decoding.indent, .count(0...DecodingOptions.maximumIndent),
      "Write answers over several lines, with so many spaces a level; lines of a stream stay lines."),
    Setting(
      "values.ignore_unknown_fields", \.transcoding.encoding.ignoreUnknownFields, .flag,
      "Pass over JSON fields that the message does not have, instead of answering 400."),
    Setting(
      "values.ignore_unknown_parameters", \.transcoding.ignoreUnknownParameters, .flag,
      "Pass over query parameters that name no field, instead of answering 400."),
    Setting(
      "callers.cors_origin", list: \.corsOrigins, .text,
      "Origins whose scripts may call, such as https://app.example, or * for any (CORS)."),
    Setting(
      "callers.websocket_origin", list: \.frontEnd.webSocket.allowedOrigins, .text,
      "A site whose pages may open WebSockets beside those of the gateway's own host; '*' stands for all. Repeatable."),
    Setting("callers.cors_credentials", \.corsCredentials, .flag, "Let scripts of those origins send credentials."),
    Setting(
      "callers.method_override", \.frontEnd.allowsMethodOverride, .flag,
      "Let a POST with X-HTTP-Method-Override stand for the method it names."),
  ]

  private static let answers: [Setting] = [
    Setting(
      "answers.stream_envelope", \.answerStyle.streamEnvelope, .flag, startOnly: true,
      "Write the messages of a stream as {\"result\":…}, one per line also for application/json (grpc-gateway)."),
    Setting(
      "answers.stream_default", \.answerStyle.streamDefault, .choice, startOnly: true,
      "The form of a stream whose caller has no wish; array is what Envoy's transcoder writes."),
    Setting(
      "answers.bare_status_errors", \.answerStyle.bareStatusErrors, .flag, startOnly: true,
      "Write errors as the bare google.rpc.Status {\"code\":5,…} (grpc-gateway, Envoy)."),
    Setting(
      "answers.compression", \.frontEnd.compression.isEnabled, .flag, startOnly: true,
      "Compress answers for callers that accept it."),
    Setting(
      "answers.compression_minimum", \.frontEnd.compression.minimumBody, .size, startOnly: true,
      "An answer with one message is compressed from here on: below it, it fits one packet anyway."),
    Setting(
      "answers.max_compressed_streams", \.frontEnd.compression.maximumStreams, .count(0...100_000), startOnly: true,
      "Streams of one thread that are compressed at once, of 70 KiB each; further ones are sent as they are."),
  ]

  private static let lifecycle: [Setting] = [
    Setting("log.log_level", \.logLevel, .choice, startOnly: true, "What is logged to standard error."),
    Setting(
      "log.access_log", \.accessLog, .choice, startOnly: true,
      "One line a call on standard output; off, since a busy gateway writes gigabytes an hour."),
    Setting(
      "drain.drain_delay", \.drainDelay, .time,
      "After SIGTERM /readyz says 503 and all else goes on for so long, until load balancers have noticed."),
    Setting("drain.grace", \.drainGrace, .time, "Then calls in flight may take so long; what is left is cut."),
  ]

  private static let limits: [Setting] = [
    Setting(
      "limits.max_header_block", \.frontEnd.maximumHeaderBlock, .size,
      "A request's header lines together: room for large cookies and tokens; 431."),
    Setting(
      "limits.max_header_count", \.frontEnd.maximumHeaderCount, .count(1...10_000),
      "Header lines: several times what browsers and proxies send; 431."),
    Setting(
      "limits.max_target", \.frontEnd.maximumTargetLength, .size,
      "The request target: RFC 9110 asks for 8000 bytes at least; 414."),
    Setting(
      "limits.max_request_body", \.frontEnd.maximumRequestBody, .size,
      "A body that is one message: gRPC's own default; 413."),
    Setting(
      "limits.max_streamed_message", \.frontEnd.maximumStreamedMessage, .size,
      "Each message of an uploaded stream, whose total has no limit; 413."),
    Setting(
      "limits.max_discarded_body", \.frontEnd.maximumDiscardedBody, .size,
      "What is read and dropped of a request that was answered early, to keep its connection."),
    Setting(
      "limits.max_websocket_fragments", \.frontEnd.webSocket.maximumFragments, .count(1...1_000_000),
      "Frames of one WebSocket message, which may be as long as a streamed one: 4 KiB each for the largest; 1009."),
    Setting(
      "limits.max_connections", \.frontEnd.maximumConnections, .count(1...1_000_000), startOnly: true,
      "Connections of callers; never more than the open files allow, less 256. Accepting pauses."),
    Setting(
      "limits.max_calls_in_flight", \.frontEnd.maximumCallsInFlight, .count(1...1_000_000),
      "Calls at once, over all threads; beyond it more work makes every answer late."),
    Setting(
      "limits.max_calls_waiting", \.frontEnd.maximumCallsWaiting, .count(0...1_000_000),
      "Calls that wait for their turn; the next is told 503 and Retry-After at once."),
    Setting("limits.max_call_wait", \.frontEnd.maximumCallWait, .time, "How long they wait: then 503 and Retry-After."),
    Setting(
      "limits.write_watermark_low", \.frontEnd.writeWatermarkLow, .size, startOnly: true,
      "Waiting bytes at which an upstream that was held back goes on."),
    Setting(
      "limits.write_watermark_high", \.frontEnd.writeWatermarkHigh, .size, startOnly: true,
      "Bytes that wait for a caller before the upstream is held back."),
  ]

  private static let times: [Setting] = [
    Setting(
      "times.header_timeout", \.frontEnd.headerTimeout, .time,
      "A whole request head, from its first byte or from the accept; 408."),
    Setting("times.body_idle_timeout", \.frontEnd.bodyIdleTimeout, .time, "No byte of a body that is awaited; 408."),
    Setting(
      "times.min_body_rate", \.frontEnd.minimumBodyRate, .size,
      "Bytes a second of a body that is one message, on average after the grace; 0 turns it off; 408."),
    Setting("times.body_rate_grace", \.frontEnd.bodyRateGrace, .time, "What every slow start is granted."),
    Setting(
      "times.stream_idle_timeout", \.frontEnd.streamIdleTimeout, .time, "Nothing in either direction of a stream."),
    Setting(
      "times.write_stall_timeout", \.frontEnd.writeStallTimeout, .time,
      "A caller that takes nothing of an answer that waits for it: closed."),
    Setting(
      "times.keep_alive_timeout", \.frontEnd.keepAliveTimeout, .time,
      "A kept connection without a byte: what nginx does."),
    Setting(
      "times.unary_deadline", \.frontEnd.unaryDeadline, .time,
      "A unary call that asks for no deadline itself, from when its request is whole; 504."),
    Setting(
      "times.max_deadline", \.frontEnd.maximumDeadline, .time,
      "The most that Grpc-Timeout and X-Server-Timeout can ask for."),
    Setting(
      "times.silence_before_head", \.frontEnd.silenceBeforeHead, .time,
      "After initial metadata, so much silence decides the status line of a stream."),
    Setting(
      "times.event_stream_keep_alive", \.frontEnd.eventStreamKeepAlive, .time,
      "Between comments on an idle event stream: under the idle limits of common proxies."),
    Setting(
      "times.websocket_ping_interval", \.frontEnd.webSocket.pingInterval, .time,
      "Between pings to a WebSocket's caller: under the idle limits of common proxies; 0 is none."),
    Setting(
      "times.websocket_pong_timeout", \.frontEnd.webSocket.pongTimeout, .time,
      "A caller that sends no byte for so long after a ping has vanished: its call is cancelled; 0 is never."),
    Setting(
      "times.websocket_close_timeout", \.frontEnd.webSocket.closeTimeout, .time,
      "The caller's half of the closing handshake, once everything before it is written."),
    Setting(
      "times.max_lingering", \.frontEnd.maximumLingeringTime, .time,
      "How long a closing connection reads on, so that its caller sees the answer."),
    Setting(
      "times.drain_idle_timeout", \.frontEnd.drainIdleTimeout, .time,
      "While draining, a kept connection without a request is closed after so long."),
  ]

  private static let upstreamLimits: [Setting] = [
    Setting(
      "upstream_limits.upstream_compression", \.upstreamLimits.requestEncoding, .choice, startOnly: true,
      "Compress messages to the upstream; off, since between neighbours time is dearer than bandwidth."),
    Setting(
      "upstream_limits.connect_timeout", \.upstreamLimits.connectTimeout, .time, startOnly: true,
      "TCP and the upstream's SETTINGS."),
    Setting(
      "upstream_limits.upstream_wait", \.upstreamLimits.maximumWait, .time, startOnly: true,
      "A call's wait for a stream of a connected upstream; 503."),
    Setting(
      "upstream_limits.max_upstream_waiting", \.upstreamLimits.maximumWaitingCalls, .count(0...1_000_000),
      startOnly: true, "Calls of one thread that wait for a connection or a stream; 503."),
    Setting(
      "upstream_limits.max_upstream_connections", \.upstreamLimits.maximumConnections, .count(1...1000),
      startOnly: true, "Connections of one thread to an address; a further one only when streams run out."),
    Setting(
      "upstream_limits.max_upstream_message", \.upstreamLimits.maximumMessageBytes, .size, startOnly: true,
      "A message of the upstream, before and after inflating: gRPC's own default."),
    Setting(
      "upstream_limits.max_replay", \.upstreamLimits.maximumReplayBytes, .size, startOnly: true,
      "Sent bytes kept for a transparent retry."),
    Setting(
      "upstream_limits.upstream_keep_alive", \.upstreamLimits.keepAliveInterval, .time, startOnly: true,
      "A PING after so long without a byte while calls are open."),
    Setting(
      "upstream_limits.upstream_keep_alive_timeout", \.upstreamLimits.keepAliveTimeout, .time, startOnly: true,
      "Its answer has to be there by then, or the connection is dropped."),
  ]

  /// By key or by name, as files and flags call it.
  static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
  static let byFlag = Dictionary(all.map { ($0.flag, $0) }, uniquingKeysWith: { one, _ in one })
}
