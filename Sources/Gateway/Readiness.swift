import GRPCUpstream
import HTTPFrontEnd
import JSONTree
import NIOCore

/// Whether load balancers should send requests here, and if not, why: `/readyz`.
///
/// Ready means that every upstream is: a gateway whose neighbours reach all of them is the better choice.
struct Readiness {
  let upstreams: [UpstreamStanding]
  let isDraining: Bool

  var answer: LocalAnswer {
    let faults = isDraining ? ["the gateway is shutting down"] : upstreams.compactMap(Self.fault)
    var document = JSONTree.object()
    document.set("status", to: faults.isEmpty ? "SERVING" : "NOT_SERVING")
    if !faults.isEmpty { document.set("reason", to: faults.joined(separator: "; ")) }
    return LocalAnswer(
      status: faults.isEmpty ? 200 : 503, headers: [("Cache-Control", "no-store")],
      body: ByteBuffer(bytes: document.serialized()))
  }

  private static func fault(_ upstream: UpstreamStanding) -> String? {
    guard !upstream.isReady else { return nil }
    let isNamed = upstream.name != UpstreamDefinition.defaultName
    let subject = isNamed ? "the upstream \(upstream.name)" : "the upstream"
    return switch upstream.state {
    case .ready, .dormant: nil
    case .idle, .connecting: "\(subject) is not connected yet"
    case .failing: "\(subject) cannot be reached"
    case .notServing: "\(subject) says that it is not serving"
    case .unresolved: "the name of \(subject) cannot be resolved"
    case .shutDown: "the gateway is shutting down"
    }
  }
}
