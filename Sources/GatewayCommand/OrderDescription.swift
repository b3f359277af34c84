import Gateway
import OrderService
import Transcoding

extension ServiceDescription {
  /// The order service with its REST routes, compiled in.
  static func orders(
    options: TranscodingOptions = TranscodingOptions(), keepsComments: Bool = false
  ) throws -> ServiceDescription {
    try ServiceDescription(
      descriptors: [.init(name: "order.binpb", content: OrderServiceDescription.descriptorSet)],
      rules: [.init(name: "order.http.yaml", content: OrderServiceDescription.rules)], options: options,
      keepsComments: keepsComments)
  }
}
