import OrderAPI
import SwiftProtobuf
import Testing

@testable import OrderService

@Suite struct ShipmentCombinerTests {
  private func add(_ id: String, to address: String, _ combiner: inout ShipmentCombiner) -> [[String]] {
    describe(combiner.add(.with { $0.id = id }, address: address))
  }

  private func describe(_ shipments: [Order_CombinedShipment]) -> [[String]] {
    shipments.map { [$0.id, $0.status] + $0.orderList.map(\.id) }
  }

  @Test func shipsAfterEveryThirdOrderInTheOrderOfFirstAppearance() {
    var combiner = ShipmentCombiner()
    #expect(add("1", to: "b", &combiner) == [])
    #expect(add("2", to: "a", &combiner) == [])
    #expect(
      add("3", to: "b", &combiner) == [["cmb - b", "Processed!", "1", "3"], ["cmb - a", "Processed!", "2"]])
    #expect(add("4", to: "b", &combiner) == [])
    #expect(describe(combiner.ship()) == [["cmb - b", "Processed!", "4"]])
    #expect(describe(combiner.ship()) == [])
  }

  @Test func addressesAreTheSameWhenTheirBytesAre() {
    var combiner = ShipmentCombiner()
    _ = add("1", to: "é", &combiner)
    _ = add("2", to: "e\u{301}", &combiner)
    #expect(combiner.ship().count == 2)
  }
}

@Suite struct UpdateSummaryTests {
  @Test(
    arguments: [
      ([], "Orders processed Updated Order IDs : "), (["101"], "Orders processed Updated Order IDs : 101, "),
      (["101", "102", "101"], "Orders processed Updated Order IDs : 101, 102, 101, "),
    ] as [([String], String)])
  func listsEveryId(ids: [String], text: String) {
    var summary = UpdateSummary()
    for id in ids { summary.add(id: id) }
    #expect(summary.finish() == text)
  }

  @Test func countsWhatDoesNotFit() {
    var summary = UpdateSummary()
    let id = String(repeating: "x", count: 998)
    let fitting = (UpdateSummary.maximumBytes - "Orders processed Updated Order IDs : ".utf8.count) / 1000
    for _ in 0..<fitting { summary.add(id: id) }
    #expect(!summary.text.hasSuffix("more"))
    summary.add(id: id)
    summary.add(id: "1")
    let text = summary.finish()
    #expect(text.hasSuffix("\(id), and 2 more"))
    #expect(text.utf8.count <= UpdateSummary.maximumBytes + 32)
  }
}
