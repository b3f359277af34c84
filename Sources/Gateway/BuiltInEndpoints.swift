import GRPCUpstream
import HTTPFrontEnd
import NIOCore
import OpenAPI

/// What every gateway answers for itself: whether it lives, whether it can serve, and what it serves.
///
/// `/healthz` and `/readyz` speak of the gateway in the words of `grpc.health.v1`.
enum BuiltInEndpoints {
  static let healthPath = "/healthz"
  static let readinessPath = "/readyz"
  static let metricsPath = "/metrics"
  static let openAPIJSONPath = "/openapi.json"
  static let openAPIYAMLPath = "/openapi.yaml"

  /// Answered whatever the upstream does: a process that answers is alive.
  static let health = LocalEndpoint(path: healthPath, status(200, #"{"status":"SERVING"}"#))

  /// 503 while an upstream is not there, and from the moment the gateway is told to stop.
  static let readiness = LocalEndpoint(path: readinessPath) { request in
    Readiness(upstreams: request.upstreams, isDraining: request.isDraining).answer
  }

  /// The document is written once, when the gateway starts.
  static func openAPI(_ document: OpenAPIDocument) -> [LocalEndpoint] {
    [
      LocalEndpoint(
        path: openAPIJSONPath, LocalAnswer(status: 200, body: ByteBuffer(bytes: document.json()))),
      LocalEndpoint(
        path: openAPIYAMLPath,
        // RFC 9512.
        LocalAnswer(status: 200, contentType: "application/yaml", body: ByteBuffer(bytes: document.yaml()))),
    ]
  }

  /// The figures in the text that Prometheus reads.
  static func metrics(_ figures: GatewayFigures) -> LocalAnswer {
    LocalAnswer(
      status: 200, contentType: PrometheusText.contentType, headers: [("Cache-Control", "no-store")],
      body: ByteBuffer(string: figures.prometheusText))
  }

  private static func status(_ code: Int, _ text: StaticString) -> LocalAnswer {
    LocalAnswer(status: code, headers: [("Cache-Control", "no-store")], body: ByteBuffer(staticString: text))
  }
}
