import GRPCCore
import SwiftProtobuf

/// `grpc.health.v1.Health`: what a load balancer, a gateway or an orchestrator asks.
struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
  let board: HealthBoard

  func check(
    request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    guard let status = board.status(of: request.service) else {
      throw RPCError(code: .notFound, message: "unknown service \(ErrorText.quoting(request.service))")
    }
    return .with { $0.status = status }
  }

  func list(
    request: Grpc_Health_V1_HealthListRequest, context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthListResponse {
    .with { response in
      response.statuses = board.statuses.mapValues { status in .with { $0.status = status } }
    }
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest,
    response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>, context: ServerContext
  ) async throws {
    let (id, statuses) = board.watch(request.service)
    defer { board.stopWatching(id) }
    try await withRPCCancellationHandler {
      for await status in statuses {
        try await response.write(.with { $0.status = status })
      }
    } onCancelRPC: {
      board.stopWatching(id)
    }
    throw RPCError(code: .unavailable, message: "the server is shutting down")
  }
}
