import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import OrderAPI
import SwiftProtobuf

/// The calls of each mode, and what they print.
struct OrderCalls: Sendable {
  private let client: Order_OrderManagement.Client<HTTP2ClientTransport.Posix>
  private let options: CallOptions
  private let output: CallOutput

  init(client: Order_OrderManagement.Client<HTTP2ClientTransport.Posix>, connection: ConnectionOptions) {
    self.client = client
    options = connection.callOptions
    output = CallOutput(isJSON: connection.json)
  }

  func unary(_ orders: [Order_Order]) async throws {
    for order in orders {
      let added = try await client.addOrder(order, options: options)
      try output.show("AddOrder Response -> \(added.value)", added)
      let found = try await client.getOrder(.with { $0.value = order.id }, options: options)
      try output.show("GetOrder Response -> : \(OrderText.text(found))", found)
    }
  }

  func clientStream(_ orders: [Order_Order], rate: Double?) async throws {
    let answer = try await client.updateOrders(options: options) { writer in
      var pace = Pace(rate: rate)
      for order in orders {
        try await pace.wait()
        try await writer.write(order)
      }
    }
    try output.show("Update Orders Res : value:\(OrderText.quoted(answer.value))", answer)
  }

  func serverStream(_ query: String) async throws {
    try await client.searchOrders(.with { $0.value = query }, options: options) { [output] response in
      for try await order in response.messages {
        try output.show("Search Result:  \(OrderText.text(order))", order)
      }
    }
  }

  func bidi(_ ids: [String], rate: Double?) async throws {
    try await client.processOrders(options: options) { writer in
      var pace = Pace(rate: rate)
      for id in ids {
        try await pace.wait()
        try await writer.write(.with { $0.value = id })
      }
    } onResponse: { [output] response in
      for try await shipment in response.messages {
        try output.show("Combined shipment :  \(OrderText.text(shipment))", shipment)
      }
    }
  }
}

/// So many a second, counted from the first.
private struct Pace {
  private let interval: Duration?
  private var next: ContinuousClock.Instant?

  init(rate: Double?) { interval = rate.map { .seconds(1 / $0) } }

  mutating func wait() async throws {
    guard let interval else { return }
    if let next { try await Task.sleep(until: next, clock: .continuous) }
    next = (next ?? .now) + interval
  }
}

/// A line for each answer, with the time as a log has it, or the answer itself as JSON.
struct CallOutput: Sendable {
  let isJSON: Bool

  func show(_ line: String, _ message: any Message) throws {
    if isJSON {
      print(try message.jsonString())
    } else {
      print("\(Self.timestamp()) \(line)")
    }
    fflush(nil)
  }

  /// `2024/05/06 20:05:47`, local time.
  private static func timestamp() -> String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    let date = "\(parts.tm_year + 1900)/\(two(parts.tm_mon + 1))/\(two(parts.tm_mday))"
    return "\(date) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }

  private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
