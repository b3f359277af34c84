import Foundation
import GRDB
import OrderAPI
import SwiftProtobuf
import Testing

@testable import OrderService

@Suite struct OrderSearchTests {
  static let items: [(id: String, items: [String])] = [
    ("1", ["iPhone XS", "Mac Book Pro"]), ("2", []), ("3", [""]), ("4", ["100% \"quoted\"", "it's_*"]),
    ("5", ["naïve café", "日本語のテスト"]), ("6", ["nai\u{308}ve"]), ("7", ["a\u{0}b\u{0}cdef"]),
    ("8", ["left\u{1F}right"]), ("9", ["left", "right"]), ("a", ["AND OR NOT NEAR(x)"]), ("b", ["😀😃😄"]),
  ]

  @Test(
    arguments: [
      ("iPhone", ["1"]), ("iphone", []), ("Mac Book Pro", ["1"]), ("ac B", ["1"]), ("XS", ["1"]), ("X", ["1"]),
      ("XSMac", []), ("XS\u{1F}Mac", []), ("", ["1", "3", "4", "5", "6", "7", "8", "9", "a", "b"]),
      ("\"", ["4"]), ("\"quoted\"", ["4"]), ("100%", ["4"]), ("%", ["4"]), ("_*", ["4"]), ("'s_*", ["4"]), ("***", []),
      ("naïve", ["5"]), ("nai\u{308}ve", ["6"]), ("café", ["5"]), ("本語の", ["5"]), ("本", ["5"]), ("é", ["5"]),
      ("a\u{0}b", ["7"]), ("\u{0}cdef", ["7"]), ("cdef", ["7"]), ("\u{0}", ["7"]), ("a\u{1}b", []),
      ("left\u{1F}right", ["8"]), ("\u{1F}", ["8"]), ("leftright", []), ("right", ["8", "9"]),
      ("AND OR", ["a"]), ("NEAR(x)", ["a"]), ("NEAR(", ["a"]), ("😀😃😄", ["b"]), ("😃", ["b"]), ("😀😄", []),
      (String(repeating: "iPhone", count: 1000), []),
    ] as [(String, [String])])
  func findsWhatAnItemContains(query: String, ids: [String]) async throws {
    let store = try OrderStore(.memory)
    try await store.fill(Self.items.map { try order($0.id, items: $0.items) })
    #expect(try await store.ids(matching: query) == ids)
  }

  /// Random texts over a small alphabet of awkward characters, replaced again and again, against a model.
  @Test(arguments: [UInt64(1), 2, 3])
  func agreesWithAModel(seed: UInt64) async throws {
    var random = SeededGenerator(state: seed)
    let alphabet = ["a", "b", "A", "\"", "*", "é", "e\u{301}", "😀", "\u{0}", "\u{1}", "\u{1F}"]
    func text(_ length: ClosedRange<Int>) -> String {
      (0..<Int.random(in: length, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "" }.joined()
    }
    let store = try OrderStore(.memory)
    var model: [Data: [String]] = [:]
    for _ in 0..<20 {
      var batch: [StoredOrder] = []
      for _ in 0..<10 {
        let id = "id" + text(1...2)
        let items = (0..<Int.random(in: 0...3, using: &random)).map { _ in text(0...8) }
        model[Data(id.utf8)] = items
        batch.append(try order(id, items: items))
      }
      try await store.fill(batch)
      for _ in 0..<10 {
        let query = text(0...5)
        let expected = model.filter { $0.value.contains { contains($0, query) } }.keys
        let found = try await store.ids(matching: query)
        #expect(
          found.map { Data($0.utf8) } == expected.sorted { $0.lexicographicallyPrecedes($1) },
          "\(query.debugDescription)")
      }
    }
  }

  private func contains(_ item: String, _ query: String) -> Bool {
    query.isEmpty || Data(item.utf8).range(of: Data(query.utf8)) != nil
  }

  /// More matches than the index is asked for: orders are read by id instead, and none is left out.
  @Test(arguments: [OrderSearch.maximumCandidates, OrderSearch.maximumCandidates + 1])
  func findsFewAndManyAlike(count: Int) async throws {
    let store = try OrderStore(.memory)
    let ids = (0..<count).map { "order-\(10_000_000 + $0 &* 7919 % count)" }
    try await store.fill(ids.map { try order($0, items: ["an iPhone"]) })
    try await store.fill([order("a", items: ["none"]), order("z", items: ["none"])])
    let pages = try await store.pages(matching: "iPhone")
    #expect(pages.flatMap { $0 } == ids.sorted())
    #expect(pages.allSatisfy { $0.count <= OrderSearch.maximumPageOrders })
  }

  @Test func fewOrdersWithVeryLongIdsAreNotKeptInMemory() async throws {
    let store = try OrderStore(.memory)
    let ids = (1...5).map { "\($0)" + String(repeating: "x", count: OrderSearch.maximumCandidateBytes / 4) }
    try await store.fill(ids.map { try order($0, items: ["an iPhone"]) })
    let first = try await store.search("iPhone").page(at: .start)
    guard case .scan = first.next else {
      Issue.record("the ids were gathered from the index")
      return
    }
    #expect(try await store.ids(matching: "iPhone") == ids)
  }

  /// The log can be taken into the file while a reader that stalls has a page in its hands.
  @Test(arguments: ["an", "an iPhone"]) func noTransactionStaysOpenBetweenTwoPages(query: String) async throws {
    try await withTemporaryDirectory { directory in
      let location = OrderDatabaseLocation.file(path: directory + "/orders.db")
      let store = try OrderStore(location)
      try await store.fill((1000...1999).map { try order("\($0)", items: ["an iPhone"]) })
      let first = try await store.search(query).page(at: .start)
      #expect(first.messages.count == OrderSearch.maximumPageOrders && first.next != .end)
      try await store.put(order("2000", items: ["another"]))
      let other = try OrderDatabase.open(location)
      let isBusy = try await other.writeWithoutTransaction {
        try Bool.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      }
      #expect(isBusy == false)
      try other.close()
      try store.close()
    }
  }

  @Test func aPageIsBoundedInBytes() async throws {
    let store = try OrderStore(.memory)
    let large = String(repeating: "x", count: OrderSearch.maximumPageBytes / 2)
    try await store.fill((1...5).map { try order("\($0)", items: [large]) })
    #expect(try await store.pages(matching: "xx").map(\.count) == [2, 2, 1])
    #expect(try await store.pages(matching: "xxx").map(\.count) == [2, 2, 1])
  }

  @Test func aPageEndsAfterManyOrdersWithoutAMatch() async throws {
    let store = try OrderStore(.memory)
    try await store.fill((0..<OrderSearch.maximumVisits).map { try order("a\($0)", items: ["no"]) })
    try await store.fill([order("b", items: ["ye"])])
    #expect(try await store.pages(matching: "ye") == [[], ["b"]])
  }

  @Test func seesWhatIsWrittenBetweenTwoPages() async throws {
    let store = try OrderStore(.memory)
    try await store.fill((1000...1999).map { try order("\($0)", items: ["same"]) })
    let search = store.search("same")
    let first = try await search.page(at: .start)
    try await store.fill([order("1998", items: ["other"]), order("1999", items: ["the same"])])
    var found: [String] = try first.messages.map { try Order_Order(serializedBytes: $0).id }
    var position = first.next
    while position != .end {
      let page = try await search.page(at: position)
      found += try page.messages.map { try Order_Order(serializedBytes: $0).id }
      position = page.next
    }
    #expect(found == (1000...1999).map(String.init).filter { $0 != "1998" })
  }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
