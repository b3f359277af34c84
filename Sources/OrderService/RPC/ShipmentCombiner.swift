import OrderAPI
import SwiftProtobuf

/// Combines orders that go to the same address into shipments, three orders at a time.
///
/// Groups leave in the order in which their address first appeared. Addresses are the same when their
/// UTF-8 bytes are.
struct ShipmentCombiner {
  static let ordersPerBatch = 3

  private var shipments: [Order_CombinedShipment] = []
  private var orders = 0

  /// Adds an order, and returns the shipments that leave now: those of the batch it completes, or none.
  mutating func add(_ order: Order_Order, address: String) -> [Order_CombinedShipment] {
    let id = "cmb - \(address)"
    if let index = shipments.firstIndex(where: { $0.id.utf8.elementsEqual(id.utf8) }) {
      shipments[index].orderList.append(order)
    } else {
      shipments.append(
        .with {
          $0.id = id
          $0.status = "Processed!"
          $0.orderList = [order]
        })
    }
    orders += 1
    return orders == Self.ordersPerBatch ? ship() : []
  }

  /// Returns what was combined so far, and begins a new batch.
  mutating func ship() -> [Order_CombinedShipment] {
    defer { self = ShipmentCombiner() }
    return shipments
  }
}
