import Foundation
import GRDB
import GRPCCore
import OrderAPI
import SwiftProtobuf

/// The five RPCs of `order.OrderManagement`.
struct OrderManagementService: Order_OrderManagement.SimpleServiceProtocol {
  let store: OrderStore
  let health: HealthBoard

  func addOrder(
    request order: Order_Order, context: ServerContext
  ) async throws -> Google_Protobuf_StringValue {
    guard !order.id.isEmpty else {
      throw RPCError(code: .invalidArgument, message: "Order has no id.")
    }
    try await reportingFailures {
      try await store.put(StoredOrder(order))
    }
    return .with { $0.value = "Order Added: \(order.id)" }
  }

  func getOrder(
    request id: Google_Protobuf_StringValue, context: ServerContext
  ) async throws -> Order_Order {
    try await order(id: id.value)
  }

  func searchOrders(
    request query: Google_Protobuf_StringValue, response: RPCWriter<Order_Order>, context: ServerContext
  ) async throws {
    let search = store.search(query.value)
    try await reportingFailures {
      var page = try await search.page(at: .start)
      while true {
        // The next page is read while this one is sent; `write` waits for the caller's flow control.
        let position = page.next
        async let next = search.page(at: position)
        try await response.write(contentsOf: page.messages.map { try Order_Order(serializedBytes: $0) })
        if position == .end { break }
        // The drain of the server looks like a cancelled call too, but lets it finish.
        if context.cancellation.isCancelled, !health.isDraining {
          throw RPCError(code: .cancelled, message: "The caller is gone.")
        }
        page = try await next
      }
    }
  }

  func updateOrders(
    request orders: RPCAsyncSequence<Order_Order, any Error>, context: ServerContext
  ) async throws -> Google_Protobuf_StringValue {
    var summary = UpdateSummary()
    let submission = store.submission()
    return try await reportingFailures {
      do {
        for try await var order in orders {
          guard !order.id.isEmpty else {
            throw RPCError(code: .invalidArgument, message: "Order has no id.")
          }
          if !order.hasLastUpdated {
            order.lastUpdated = .now
          }
          try await submission.add(StoredOrder(order))
          summary.add(id: order.id)
        }
      } catch {
        // What came before is stored all the same, and is so by the time the caller learns of the fault.
        try await submission.finish()
        throw error
      }
      try await submission.finish()
      return .with { $0.value = summary.finish() }
    }
  }

  func processOrders(
    request ids: RPCAsyncSequence<Google_Protobuf_StringValue, any Error>,
    response: RPCWriter<Order_CombinedShipment>, context: ServerContext
  ) async throws {
    var combiner = ShipmentCombiner()
    for try await id in ids {
      do {
        let order = try await order(id: id.value)
        guard let address = order.addresses.first?.address else {
          throw RPCError(code: .failedPrecondition, message: "Order has no address. : \(ErrorText.quoting(id.value))")
        }
        try await response.write(contentsOf: combiner.add(order, address: address))
      } catch {
        try await response.write(contentsOf: combiner.ship())
        throw error
      }
    }
    try await response.write(contentsOf: combiner.ship())
  }

  private func order(id: String) async throws -> Order_Order {
    let message = try await reportingFailures { try await store.message(id: id) }
    guard let message else {
      throw RPCError(code: .notFound, message: "Order does not exist. : \(ErrorText.quoting(id))")
    }
    return try Order_Order(serializedBytes: message)
  }

  /// Turns what the store throws into a status that says what is wrong with it.
  private func reportingFailures<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as DatabaseError {
      let code: RPCError.Code = error.resultCode == .SQLITE_FULL ? .resourceExhausted : .internalError
      throw RPCError(code: code, message: "The order store failed: \(error.message ?? "unknown")", cause: error)
    }
  }
}
