import GRPCWire
import Transcoding

extension GatewayFigures {
  /// The figures as `/metrics` shows them, in an order that does not change from one scrape to the next.
  public var prometheusText: String {
    var text = PrometheusText()
    let methods = methods.sorted { $0.key < $1.key }
    text.family("gateway_calls_total", .counter, "Calls that are over, by the code they ended with.")
    for (identity, figures) in methods {
      for (value, count) in figures.codes.enumerated() where count > 0 {
        let code = GRPCCode(rawValue: value)?.name ?? "\(value)"
        text.sample("gateway_calls_total", identity.labels + [("code", code)], count)
      }
    }
    text.family("gateway_call_duration_seconds", .histogram, "From the request's head to the answer's last byte.")
    for (identity, figures) in methods where figures.latency.count > 0 {
      text.histogram("gateway_call_duration_seconds", identity.labels, figures.latency)
    }
    text.family("gateway_messages_total", .counter, "Messages of calls that are over.")
    for (identity, figures) in methods where figures.latency.count > 0 {
      text.sample("gateway_messages_total", identity.labels + [("to", "upstream")], figures.messagesSent)
      text.sample("gateway_messages_total", identity.labels + [("to", "downstream")], figures.messagesReceived)
    }
    text.family("gateway_http_responses_total", .counter, "Answers by HTTP status.")
    for (status, count) in statuses.sorted(by: { $0.key < $1.key }) {
      text.sample("gateway_http_responses_total", [("status", "\(status)")], count)
    }
    text.family("gateway_errors_total", .counter, "Errors that the gateway made, limits among them, by their reason.")
    for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
      text.sample("gateway_errors_total", [("reason", reason)], count)
    }
    text.single("gateway_request_body_bytes_total", .counter, "Body bytes of callers.", requestBytes)
    text.single("gateway_response_bytes_total", .counter, "Bytes written to callers.", responseBytes)
    text.single("gateway_connections", .gauge, "Connections of callers that are open.", connections)
    text.single("gateway_connections_total", .counter, "Connections of callers that were accepted.", connectionsOpened)
    text.single(
      "gateway_accept_pauses_total", .counter, "Times that accepting paused at the limit of connections.", acceptPauses)
    text.single(
      "gateway_write_stalls_total", .counter, "Connections given up because their caller took nothing.", writeStalls)
    text.family("gateway_tls_handshakes_total", .counter, "TLS handshakes of callers that are over.")
    text.sample("gateway_tls_handshakes_total", [("result", "completed")], tlsHandshakes)
    text.sample("gateway_tls_handshakes_total", [("result", "failed")], tlsHandshakesFailed)
    text.single("gateway_calls_in_flight", .gauge, "Calls that are admitted and not over.", callsInFlight)
    text.single("gateway_calls_waiting", .gauge, "Calls that wait for their admission.", callsWaiting)
    text.single("gateway_calls_refused_total", .counter, "Calls that were not admitted.", callsRefused)
    writeUpstreams(to: &text)
    text.single(
      "gateway_access_log_dropped_total", .counter, "Lines that the access log had no room for.", logLinesDropped)
    return text.text
  }
}

extension MethodIdentity {
  fileprivate var labels: [(String, String)] {
    [("method", name), ("mode", mode.rawValue.replacing(" ", with: "_"))]
  }
}
