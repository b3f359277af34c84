import Foundation
import OrderAPI
import SwiftProtobuf

/// An order as the store keeps it: the serialized message beside the columns that are searched.
///
/// Texts are kept as their UTF-8 bytes and compared as such: `é` in one and in two code points are
/// different ids, and U+0000 is a character like any other. `String` equality and SQLite's own text
/// binding would see neither.
struct StoredOrder: Sendable, Equatable {
  /// The UTF-8 bytes of the id; orders are sorted by them.
  let id: Data
  /// What search looks at; `nil` when the order has no item, and so is found by no query at all.
  let items: Data?
  /// The serialized `order.Order`.
  let message: Data

  /// How many bytes this order occupies while it waits to be written.
  var size: Int { id.count + (items?.count ?? 0) + message.count }
}

extension StoredOrder {
  init(_ order: Order_Order) throws {
    self.id = Data(order.id.utf8)
    self.items = SearchText.joined(order.items)
    self.message = try order.serializedBytes()
  }
}
