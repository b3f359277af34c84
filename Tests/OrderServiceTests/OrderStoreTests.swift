import Foundation
import OrderAPI
import SwiftProtobuf
import Testing

@testable import OrderService

@Suite struct OrderStoreTests {
  @Test func replacesTheOrderOfTheSameId() async throws {
    let store = try OrderStore(.memory)
    try await store.put(order("1", items: ["first"]))
    try await store.put(order("1", items: ["second"]))
    #expect(try await store.stored("1")?.items == ["second"])
    #expect(try await store.ids(matching: "first") == [])
    #expect(try await store.ids(matching: "second") == ["1"])
  }

  @Test func keepsUnknownFieldsAndEveryOther() async throws {
    let store = try OrderStore(.memory)
    var sent = Order_Order.with {
      $0.id = "1"
      $0.price = .nan
      $0.addresses = [.with { $0.type = .UNRECOGNIZED(7) }]
    }
    try sent.merge(serializedBytes: [0xC8, 0x3E, 0x01] as [UInt8])
    try await store.put(StoredOrder(sent))
    let expected: [UInt8] = try sent.serializedBytes()
    #expect(try await store.message(id: "1") == Data(expected))
  }

  @Test(arguments: ["a\u{0}b", "é", "e\u{301}", "'; DROP TABLE orders; --", "\u{0}", "😀", " "])
  func idsAreTheirBytes(id: String) async throws {
    let store = try OrderStore(.memory)
    for other in ["a", "a\u{0}", "a\u{0}b", "é", "e\u{301}"] where Array(other.utf8) != Array(id.utf8) {
      try await store.put(order(other, items: ["other"]))
    }
    #expect(try await store.message(id: id) == nil)
    try await store.put(order(id, items: ["this"]))
    #expect(try await store.stored(id)?.items == ["this"])
    #expect(try await store.ids(matching: "this").map { Array($0.utf8) } == [Array(id.utf8)])
  }

  @Test func anEmptyIdIsUnknown() async throws {
    #expect(try await OrderStore(.memory).message(id: "") == nil)
  }

  @Test func keepsOrdersInTheFileAndMakesItsDirectory() async throws {
    try await withTemporaryDirectory { directory in
      let location = OrderDatabaseLocation.file(path: directory + "/a/b/orders.db")
      var store = try OrderStore(location)
      try await store.put(order("1", items: ["kept"]))
      try store.close()
      store = try OrderStore(location)
      #expect(try await store.ids(matching: "kept") == ["1"])
      try store.close()
    }
  }

  @Test func saysWhyADatabaseCannotBeOpened() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/orders.db"
      try Data("this is not a database".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: OrderServerError.cannotOpenDatabase(.file(path: path), reason: "file is not a database")) {
        try OrderStore(.file(path: path))
      }
      let below = path + "/orders.db"
      let error = #expect(throws: OrderServerError.self) { try OrderStore(.file(path: below)) }
      let description = try #require(error).description
      #expect(description.hasPrefix("cannot open database \(below): "))
    }
  }
}
