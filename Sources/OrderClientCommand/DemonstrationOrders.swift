import OrderAPI
import SwiftProtobuf

/// What is sent when nothing else is asked for.
enum DemonstrationOrders {
  static let query = "iPhone"
  static let ids = ["101", "102"]

  static let unary: [Order_Order] = [
    .with {
      $0.id = "101"
      $0.items = ["iPhone XS", "Mac Book Pro"]
      $0.destination = "San Jose, CA"
      $0.price = 2300
    },
    .with {
      $0.id = "102"
      $0.items = ["Oppo", "Vivo"]
      $0.destination = "Tom, Shanghai"
      $0.price = 1300
    },
  ]

  static let clientStream: [Order_Order] = [
    .with {
      $0.id = "101"
      $0.items = ["Oppo", "samung"]
      $0.description_p = "A with B"
      $0.price = 2400
      $0.addresses = [address("Mike, Shanghai", .home)]
    },
    .with {
      $0.id = "102"
      $0.items = ["iPhone XS", "Mac Book Pro"]
      $0.description_p = "C with D"
      $0.price = 2500
      $0.addresses = [address("Sam, Beijing", .work)]
    },
  ]

  private static func address(_ text: String, _ type: Order_Order.AddressType) -> Order_Order.Address {
    .with {
      $0.address = text
      $0.type = type
    }
  }
}
