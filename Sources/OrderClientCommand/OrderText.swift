import OrderAPI
import SwiftProtobuf

/// Messages on one line, as Go prints them: `id:"101" items:"iPhone XS" price:2300`.
///
/// Written out for the three messages there are, since no library's text form keeps to one line.
enum OrderText {
  static func text(_ order: Order_Order) -> String {
    var fields: [String] = []
    if !order.id.isEmpty { fields.append("id:\(quoted(order.id))") }
    fields += order.items.map { "items:\(quoted($0))" }
    if !order.description_p.isEmpty { fields.append("description:\(quoted(order.description_p))") }
    if order.price != 0 { fields.append("price:\(number(order.price))") }
    if !order.destination.isEmpty { fields.append("destination:\(quoted(order.destination))") }
    fields += order.addresses.map { "addresses:{\(text($0))}" }
    if order.hasLastUpdated {
      var time = ["seconds:\(order.lastUpdated.seconds)"]
      if order.lastUpdated.nanos != 0 { time.append("nanos:\(order.lastUpdated.nanos)") }
      fields.append("last_updated:{\(time.joined(separator: " "))}")
    }
    return fields.joined(separator: " ")
  }

  private static func text(_ address: Order_Order.Address) -> String {
    var fields: [String] = []
    if !address.address.isEmpty { fields.append("address:\(quoted(address.address))") }
    switch address.type {
    case .home: break
    case .work: fields.append("type:WORK")
    case .UNRECOGNIZED(let number): fields.append("type:\(number)")
    }
    return fields.joined(separator: " ")
  }

  static func text(_ shipment: Order_CombinedShipment) -> String {
    "\(shipment.id) \(shipment.status) [\(shipment.orderList.map(text).joined(separator: "  "))]"
  }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      default:
        if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
          let hex = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }

  /// Without the `.0` of whole numbers.
  private static func number(_ value: Float) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
