import GRPCUpstream

extension GatewayFigures {
  /// What is known of each upstream. Names come from the configuration, everything else is a closed list.
  func writeUpstreams(to text: inout PrometheusText) {
    let upstreams = upstreams.sorted { $0.key < $1.key }
    func family(
      _ name: String, _ kind: PrometheusText.Kind, _ help: String, by label: String? = nil,
      _ values: [(String, KeyPath<UpstreamFigures, Int>)]
    ) {
      text.family(name, kind, help)
      for (upstream, figures) in upstreams {
        for (value, path) in values {
          let labels = [("upstream", upstream)] + (label.map { [($0, value)] } ?? [])
          text.sample(name, labels, figures[keyPath: path])
        }
      }
    }
    family(
      "gateway_upstream_addresses", .gauge, "Addresses, by how they stand.", by: "state",
      [("all", \.addresses), ("failing", \.addressesFailing), ("ejected", \.addressesEjected)])
    family(
      "gateway_upstream_connections", .gauge, "Connections, by how they stand.", by: "state",
      [
        ("ready", \.connectionsReady), ("connecting", \.connectionsConnecting), ("draining", \.connectionsDraining),
      ])
    family("gateway_upstream_streams", .gauge, "HTTP/2 streams of calls that are open.", [("", \.streams)])
    family("gateway_upstream_waiting", .gauge, "Calls that wait for a connection or a stream.", [("", \.waiting)])
    family("gateway_upstream_connection_attempts_total", .counter, "Attempts to connect.", [("", \.attempts)])
    family(
      "gateway_upstream_connection_failures_total", .counter, "Attempts that failed.", [("", \.attemptFailures)])
    family(
      "gateway_upstream_connections_lost_total", .counter, "Connections that ended unasked.", [("", \.connectionsLost)])
    family(
      "gateway_upstream_retries_total", .counter, "Calls made again, since they were not processed or by policy.",
      by: "kind", [("transparent", \.transparentRetries), ("policy", \.policyRetries)])
    family(
      "gateway_upstream_refused_total", .counter, "Calls and retries that a limit or the lack of an address ended.",
      by: "reason",
      [("overloaded", \.overloaded), ("unreachable", \.unreachable), ("retry_throttled", \.retriesThrottled)])
    family(
      "gateway_upstream_resolutions_total", .counter, "Resolutions of the name.", by: "result",
      [("found", \.resolutionsFound), ("failed", \.resolutionFailures)])
  }
}
