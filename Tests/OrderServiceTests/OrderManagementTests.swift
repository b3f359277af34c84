import Foundation
import GRPCCore
import OrderAPI
import SwiftProtobuf
import Testing

@testable import OrderService

/// The five RPCs through the generated client, over a real connection.
@Suite(.timeLimit(.minutes(1))) struct OrderManagementTests {
  static let orders: [Order_Order] = [
    .with {
      $0.id = "101"
      $0.items = ["Oppo", "samung"]
      $0.description_p = "A with B"
      $0.price = 2400
      $0.addresses = [.with { $0.address = "Mike, Shanghai" }]
    },
    .with {
      $0.id = "102"
      $0.items = ["iPhone XS", "Mac Book Pro"]
      $0.description_p = "C with D"
      $0.price = 2500
      $0.addresses = [
        .with {
          $0.address = "Sam, Beijing"
          $0.type = .work
        }
      ]
    },
    .with {
      $0.id = "103"
      $0.items = ["iPhone 13"]
      $0.addresses = [.with { $0.address = "Mike, Shanghai" }]
    },
    .with {
      $0.id = "104"
      $0.items = ["nothing to ship"]
    },
  ]

  @Test func addsAndGets() async throws {
    try await withOrders { client in
      let answer = try await client.add(Self.orders[0])
      #expect(answer == "Order Added: 101")
      #expect(try await client.get("101") == Self.orders[0])
    }
  }

  @Test func refusesAnOrderWithoutId() async throws {
    try await withOrders { client in
      await #expect(throws: Fault(.invalidArgument, "Order has no id.")) {
        try await faults { try await client.addOrder(.with { $0.items = ["x"] }) }
      }
    }
  }

  @Test func saysWhichOrderDoesNotExist() async throws {
    try await withOrders { client in
      await #expect(throws: Fault(.notFound, "Order does not exist. : 999")) {
        try await faults { try await client.get("999") }
      }
    }
  }

  @Test func updatesAndKeepsATimeThatWasSent() async throws {
    try await withOrders { client in
      let sentTime = Google_Protobuf_Timestamp(seconds: 1, nanos: 2)
      var timed = Self.orders[1]
      timed.lastUpdated = sentTime
      let before = Date()
      #expect(try await client.update([Self.orders[0], timed]) == "Orders processed Updated Order IDs : 101, 102, ")
      #expect(try await client.get("102") == timed)
      var stored = try await client.get("101")
      #expect(stored.lastUpdated.date >= before.addingTimeInterval(-1) && stored.lastUpdated.date <= Date())
      stored.clearLastUpdated()
      #expect(stored == Self.orders[0])
    }
  }

  @Test func storesWhatCameBeforeAnOrderWithoutId() async throws {
    try await withOrders { client in
      await #expect(throws: Fault(.invalidArgument, "Order has no id.")) {
        try await faults { try await client.update([Self.orders[0], Order_Order(), Self.orders[1]]) }
      }
      let stored = try await client.get("101")
      #expect(stored.id == "101")
      await #expect(throws: RPCError.self) { try await client.get("102") }
    }
  }

  @Test func storesEachOrderWhileTheUploadRuns() async throws {
    try await withOrders { client in
      let answer = try await client.updateOrders { writer in
        try await writer.write(Self.orders[0])
        while (try? await client.get("101")) == nil { await Task.yield() }
        try await writer.write(Self.orders[1])
      }
      #expect(answer.value == "Orders processed Updated Order IDs : 101, 102, ")
    }
  }

  @Test func searchesInTheOrderOfIds() async throws {
    try await withOrders { client in
      _ = try await client.update(Self.orders.reversed())
      #expect(try await client.search("iPhone").map(\.id) == ["102", "103"])
      #expect(try await client.search("iphone") == [])
      #expect(try await client.search("").map(\.id) == ["101", "102", "103", "104"])
    }
  }

  @Test func shipsAfterEveryThirdOrderAndAtTheEnd() async throws {
    try await withOrders { client in
      _ = try await client.update(Self.orders)
      let (shipments, fault) = try await client.process(["102", "101", "103", "103"])
      #expect(
        shipments == [
          ["cmb - Sam, Beijing", "102"], ["cmb - Mike, Shanghai", "101", "103"], ["cmb - Mike, Shanghai", "103"],
        ])
      #expect(fault == nil)
    }
  }

  @Test(arguments: [
    ("999", Fault(.notFound, "Order does not exist. : 999")),
    ("104", Fault(.failedPrecondition, "Order has no address. : 104")),
  ])
  func shipsWhatWasCombinedBeforeItFails(id: String, expected: Fault) async throws {
    try await withOrders { client in
      _ = try await client.update(Self.orders)
      let (shipments, fault) = try await client.process(["101", "102", id, "103"])
      #expect(shipments == [["cmb - Mike, Shanghai", "101"], ["cmb - Sam, Beijing", "102"]])
      #expect(fault == expected)
    }
  }

  @Test func aStalledReaderStopsTheSearchAndNoOneElse() async throws {
    try await withOrders { client in
      let large = String(repeating: "x", count: 10_000)
      _ = try await client.update(
        (0..<300).map { number in
          .with {
            $0.id = "\(10_000 + number)"
            $0.items = [large]
          }
        })
      try await client.searchOrders(text("xxx")) { response in
        var count = 0
        for try await order in response.messages {
          #expect(order.id == "\(10_000 + count)")
          count += 1
          if count == 1 {
            #expect(try await client.add(Self.orders[0]) == "Order Added: 101")
            #expect(try await client.get("101").id == "101")
          }
        }
        #expect(count == 300)
      }
    }
  }
}
