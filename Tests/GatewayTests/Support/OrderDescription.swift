import Gateway
import OrderService

extension ServiceDescription {
  /// The order service with its REST routes, compiled in.
  static func orders() throws -> ServiceDescription {
    try ServiceDescription(
      descriptors: [.init(name: "order.binpb", content: OrderServiceDescription.descriptorSet)],
      rules: [.init(name: "order.http.yaml", content: OrderServiceDescription.rules)])
  }
}
